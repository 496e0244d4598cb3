// actium-server: Serve() does everything; here is decided which engines this program has.
#include "server/cpu/cpu_model.h"
#include "server/engine/choose_engine.h"
#include "server/libtorch/loader.h"
#include "server/serve.h"

namespace {

std::unique_ptr<actium::engine::ModelLoader> NewLoader(const actium::options::Options& options) {
  auto reference = actium::libtorch::NewLoader();
  if (!options.fuse) return reference;
  return actium::engine::ChooseEngine(std::move(reference), actium::cpu::NewCpuModel);
}

}  // namespace

int main(int argc, char** argv) { return actium::Serve(argc, argv, NewLoader); }
