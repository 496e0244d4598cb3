// actium-server: Serve() does everything; here is decided which engines this program has.
#include "server/cpu/cpu_model.h"
#include "server/engine/choose_engine.h"
#include "server/engine/cuda_plugin.h"
#include "server/libtorch/loader.h"
#include "server/serve.h"

namespace {

std::unique_ptr<actium::engine::ModelLoader> NewLoader(const actium::options::Options& options,
                                                       actium::Gpu gpu) {
  actium::engine::Engines engines = {.fuse = {},
                                     .accelerator = std::move(gpu.accelerator),
                                     .no_accelerator = std::move(gpu.why_none)};
  if (options.fuse) engines.fuse = actium::cpu::NewCpuModel;
  return actium::engine::ChooseEngine(actium::libtorch::NewLoader(), std::move(engines));
}

}  // namespace

int main(int argc, char** argv) {
  return actium::Serve(argc, argv,
                       {.open_gpu = actium::engine::OpenCudaPlugin, .new_loader = NewLoader});
}
