// actium-fake-server: the whole server with models of tests/support/fake_loader.h instead of an
// engine, and GPUs of tests/support/fake_gpu.h where --cuda-plugin names such a file. Builds
// without LibTorch, so that sanitizers see all of its code.
#include <memory>
#include <utility>

#include "server/engine/choose_engine.h"
#include "server/serve.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/fake_loader.h"

namespace {

std::unique_ptr<actium::engine::ModelLoader> NewLoader(const actium::options::Options&,
                                                       actium::Gpu gpu) {
  return actium::engine::ChooseEngine(std::make_unique<actium::test::FakeLoader>(),
                                      {.fuse = nullptr,
                                       .accelerator = std::move(gpu.accelerator),
                                       .no_accelerator = std::move(gpu.why_none)});
}

}  // namespace

int main(int argc, char** argv) {
  return actium::Serve(argc, argv,
                       {.open_gpu = actium::test::OpenFakeGpu, .new_loader = NewLoader});
}
