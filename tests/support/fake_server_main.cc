// actium-fake-server: the whole server with models of tests/support/fake_loader.h instead of an
// engine. Builds without LibTorch, so that sanitizers see all of its code.
#include <memory>

#include "server/serve.h"
#include "tests/support/fake_loader.h"

int main(int argc, char** argv) {
  return actium::Serve(argc, argv, [](const auto&) -> std::unique_ptr<actium::engine::ModelLoader> {
    return std::make_unique<actium::test::FakeLoader>();
  });
}
