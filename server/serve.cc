#include "server/serve.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "server/base/log.h"
#include "server/base/signals.h"
#include "server/exit_watchdog.h"
#include "server/options/flags.h"
#include "server/probe.h"
#include "server/running_server.h"

namespace actium {
namespace {

namespace log = base::log;

// What an orderly end may take beyond the time for the requests in flight.
constexpr std::chrono::seconds kLastSteps{5};

int Fail(const absl::Status& status) {
  log::Error("start_failed", {{"error", std::string(status.message())}});
  return options::kExitStart;
}

int PrintDraft(const options::Options& options, const Program& program) {
  const auto loader = program.new_loader(options, {.accelerator = nullptr, .why_none = "--probe"});
  const auto draft = DraftFromProbe(options.probe, *loader);
  if (!draft.ok()) return Fail(draft.status());
  std::fputs(draft->c_str(), stdout);
  return options::kExitOk;
}

int RunServer(const options::Options& options, const Program& program) {
  // Before anything else meets LibTorch, which brings CUDA libraries of its own.
  const absl::StatusOr<Gpu> gpu = FindGpu(options, program.open_gpu);
  if (!gpu.ok()) return Fail(gpu.status());
  const std::unique_ptr<engine::ModelLoader> loader = program.new_loader(options, *gpu);
  std::optional<ExitWatchdog> watchdog;  // Outlives the server, whose end waits for its threads.
  auto server = RunningServer::Start(options, *loader, *gpu);
  if (!server.ok()) return Fail(server.status());

  // Models are loaded beside the wait for a signal, so that a slow start can be stopped.
  absl::Status loaded;
  std::thread load_models([&] {
    loaded = (*server)->LoadModels();
    // There is nothing to serve: end as if told to.
    if (!loaded.ok()) kill(getpid(), SIGTERM);
  });
  const int signal = base::WaitForShutdownSignal();
  log::Info("draining", {{"signal", signal}, {"in_flight", (*server)->in_flight()}});
  watchdog.emplace(options.exit_timeout + kLastSteps);
  const int64_t cut_off = (*server)->Drain(options.exit_timeout);
  load_models.join();
  if (!loaded.ok()) return Fail(loaded);
  log::Info("stopped", {{"cut_off", cut_off}});
  return cut_off == 0 ? options::kExitOk : options::kExitCutOff;
}

}  // namespace

int Serve(int argc, const char* const* argv, const Program& program) {
  base::BlockShutdownSignals();
  // Debian builds abseil, and with it gRPC's locks, with the detection of deadlocks, which costs
  // more than the locks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const options::CommandLine line = options::ParseCommandLine(argc, argv);
  if (line.exit.has_value()) {
    std::fputs(line.exit->text.c_str(), line.exit->status == options::kExitOk ? stdout : stderr);
    return line.exit->status;
  }
  log::Configure(line.options.log_level, line.options.log_format);
  if (!line.options.probe.file.empty()) return PrintDraft(line.options, program);
  return RunServer(line.options, program);
}

}  // namespace actium
