#ifndef ACTIUM_SERVER_SERVE_H_
#define ACTIUM_SERVER_SERVE_H_

#include <memory>

#include "server/engine/executor.h"
#include "server/options/options.h"

namespace actium {

/// Makes what reads the model files.
using NewLoader = std::unique_ptr<engine::ModelLoader> (*)(const options::Options& options);

/// Runs the server: reads the command line, builds the parts, loads the models, answers until
/// SIGTERM or SIGINT, and drains. Returns the process's exit status (server/options/flags.h). Call
/// once, on the main thread, before any other thread is started.
///
/// new_loader: called once, after the signals are set up and the command line is found good.
int Serve(int argc, const char* const* argv, NewLoader new_loader);

}  // namespace actium

#endif  // ACTIUM_SERVER_SERVE_H_
