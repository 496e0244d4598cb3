#ifndef ACTIUM_SERVER_SERVE_H_
#define ACTIUM_SERVER_SERVE_H_

#include <memory>

#include "server/engine/executor.h"
#include "server/find_gpu.h"
#include "server/options/options.h"

namespace actium {

/// What a program brings to Serve(). Both are called once, after the signals are set up and the
/// command line is found good.
struct Program {
  OpenGpu open_gpu;  ///< Called first, where a GPU is allowed; not for --probe.
  /// Makes what reads the model files.
  std::unique_ptr<engine::ModelLoader> (*new_loader)(const options::Options& options, Gpu gpu);
};

/// Runs the server: reads the command line, builds the parts, loads the models, answers until
/// SIGTERM or SIGINT, and drains. Returns the process's exit status (server/options/flags.h). Call
/// once, on the main thread, before any other thread is started.
int Serve(int argc, const char* const* argv, const Program& program);

}  // namespace actium

#endif  // ACTIUM_SERVER_SERVE_H_
