// actium-server: Serve() does everything; the engine of this program is LibTorch.
#include "server/libtorch/loader.h"
#include "server/serve.h"

int main(int argc, char** argv) { return actium::Serve(argc, argv, actium::libtorch::NewLoader); }
