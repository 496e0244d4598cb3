#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <system_error>

#include "client/cli/child_process.h"
#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/image.h"
#include "client/cli/probe_input.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model_file;
  std::vector<std::string> inputs;
  bool no_batch = false;
  std::string output;
};

// A file of this process that is removed at the end.
class TemporaryFile {
 public:
  TemporaryFile() : path_((fs::temp_directory_path() / "actium-XXXXXX").string()) {
    if (const int descriptor = mkstemp(path_.data()); descriptor >= 0) close(descriptor);
  }
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Has the server run the model once; its messages go to our stderr. The client itself loads no
// model: that takes LibTorch, and a model file is a program.
absl::StatusOr<std::string> Probe(const Options& options) {
  if (!fs::exists(options.model_file)) {
    return With(ExitStatus::kBadFile,
                absl::NotFoundError(fmt::format("cannot read {}", options.model_file)));
  }
  std::vector<std::string> arguments = {BesideThisProgram("actium-server").string(), "--probe",
                                        options.model_file};
  for (size_t i = 0; i < options.inputs.size(); ++i) {
    auto input = CompleteProbeInput(options.inputs[i], i, !options.no_batch);
    if (!input.ok()) return input.status();
    arguments.push_back("--input");
    arguments.push_back(*std::move(input));
  }
  const TemporaryFile config;
  auto process = ChildProcess::Start(arguments, {.out = config.path(), .err = {}});
  if (!process.ok()) return process.status();
  std::optional<int> status;
  while (!status) status = process->WaitFor(std::chrono::minutes(1));
  if (*status != 0) {
    return With(ExitStatus::kBadFile, absl::InvalidArgumentError(fmt::format(
                                          "actium-server could not run {}", options.model_file)));
  }
  return ReadFile(config.path());
}

absl::Status Write(const std::string& path, const std::string& text) {
  if (fs::exists(path)) {
    return absl::InvalidArgumentError(fmt::format("--output {}: the file exists", path));
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return absl::OkStatus();
  return With(ExitStatus::kBadFile, absl::NotFoundError(fmt::format("cannot write {}", path)));
}

absl::Status Run(const Session& session, const Options& options) {
  const auto config = Probe(options);
  if (!config.ok()) return config.status();
  if (!options.output.empty()) {
    if (absl::Status status = Write(options.output, *config); !status.ok()) return status;
  }
  if (session.json) {
    PrintJson({{"config", *config}});
  } else if (options.output.empty()) {
    fmt::print("{}", *config);
  }
  return absl::OkStatus();
}

}  // namespace

void AddInitConfig(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "init-config", "Runs a TorchScript model once and writes its config.pbtxt.");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->model_file, "the model, as model.pt")->required();
  command
      ->add_option("--input", options->inputs,
                   "in the order of forward(): NAME:TYPE:SIZE,... or SIZE,... alone, without the "
                   "batch dimension")
      ->type_name("INPUT")
      ->allow_extra_args(false)
      ->required();
  command->add_flag("--no-batch", options->no_batch, "the model has no batch dimension");
  command->add_option("--output", options->output, "write to this new file [stdout]")
      ->type_name("FILE");
  AddSharedOptions(*command, session, /*server=*/false);
  command->footer(
      "SIZE,... alone means INPUT__0 (INPUT__1, ...) of type FP32.\n\n"
      "Example: actium init-config model.pt --input image:UINT8:1,28,28 --output config.pbtxt");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
