// How much of the machine the server turns into answers: a model over gRPC beside the ceiling of
// the wire (E: a bare echo server, same messages, same client) and the ceiling of the compute (C:
// the same engine in this process, full batches, no wire), all on the same cores in one run. A
// server that shares those cores can at best reach 1 / (1/E + 1/C). Beside it the same server
// without batching, and on LibTorch instead of the fused engine.
//
// Rounds are interleaved, in random order inside a round; the figures are medians over the rounds.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client/cli/load_generator.h"
#include "server/base/cpu_quota.h"
#include "server/base/status_macros.h"
#include "server/cpu/cpu_model.h"
#include "server/engine/choose_engine.h"
#include "server/libtorch/loader.h"
#include "tests/bench/compute_ceiling.h"
#include "tests/bench/served_model.h"
#include "tests/bench/stub_sender.h"
#include "tests/support/server_process.h"

namespace actium::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct Options {
  std::string model = "relu";
  fs::path repository = fs::path(ACTIUM_SOURCE_DIR) / "models/repository";
  int rounds = 7;
  int cell_milliseconds = 1000;
  std::vector<int> concurrency = {1, 4, 16, 64};
  double must = 0.80;
  std::string json;
};

// A contender's figures of all rounds at one concurrency.
struct Cell {
  std::vector<double> rate;
  stats::Histogram latency;
  Executed executed;  // Nothing for the echo server.

  double Milliseconds(double percentile) const {
    return static_cast<double>(latency.Percentile(percentile)) / 1e6;
  }
  double MeanBatch() const {
    return executed.batches == 0
               ? 0
               : static_cast<double>(executed.rows) / static_cast<double>(executed.batches);
  }
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string Spread(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return fmt::format("{:.2f}..{:.2f}", *least, *most);
}

// A repository in `folder` with only this model, and no batching.
absl::Status MakeUnbatchedRepository(const Options& options, const fs::path& folder) {
  const fs::path copy = folder / options.model;
  fs::create_directories(folder);
  fs::copy(options.repository / options.model, copy, fs::copy_options::recursive);
  std::ostringstream config;
  config << std::ifstream(copy / "config.pbtxt").rdbuf();
  const std::string off =
      std::regex_replace(config.str(), std::regex("max_batch_size: *[0-9]+"), "max_batch_size: 1");
  if (off == config.str())
    return absl::NotFoundError("config.pbtxt has no max_batch_size to change");
  std::ofstream(copy / "config.pbtxt") << off;
  return absl::OkStatus();
}

// How each contender but the echo server is started; by its name.
struct Contender {
  std::string repository;  // In the bench's folder.
  std::vector<std::string> options;
};
const std::map<std::string, Contender>& Contenders() {
  static const auto* const kContenders =
      new std::map<std::string, Contender>{{"actium", {"batched", {}}},
                                           {"unbatched", {"unbatched", {}}},
                                           {"libtorch", {"batched", {"--engine", "libtorch"}}}};
  return *kContenders;
}

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {}
  ~Bench() { fs::remove_all(folder_); }

  absl::Status Run() {
    ACTIUM_RETURN_IF_ERROR(StartContenders());
    for (int round = 0; round < options_.rounds; ++round) {
      if (isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "\rround {} of {}", round + 1, options_.rounds);
      ACTIUM_RETURN_IF_ERROR(RunRound());
    }
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
    return absl::OkStatus();
  }

  void Print() const {
    fmt::print(
        "model {}, {} rounds of {} ms a cell, {} cores; medians over rounds, [least..most]\n",
        options_.model, options_.rounds, options_.cell_milliseconds, workers_);
    fmt::print("C in-process batched compute: {:.0f} images/s\n\n", Median(compute_));
    fmt::print("{:>11}  {:>9}  {:>9} {:>8} {:>8} {:>6}  {:>9}  {:>9} {:>8} {:>8}  {:>9}  {}\n",
               "concurrency", "E echo/s", "actium/s", "p50 ms", "p99 ms", "batch", "no batch",
               "libtorch", "p50 ms", "p99 ms", "ceiling/s", "actium/ceiling");
    for (const int concurrency : options_.concurrency) {
      const Cell& echo = cells_.at({"echo", concurrency});
      const Cell& ours = cells_.at({"actium", concurrency});
      const Cell& off = cells_.at({"unbatched", concurrency});
      const Cell& libtorch = cells_.at({"libtorch", concurrency});
      const auto ratios = Ratios(concurrency);
      fmt::print(
          "{:>11}  {:>9.0f}  {:>9.0f} {:>8.2f} {:>8.2f} {:>6.1f}  {:>9.0f}  {:>9.0f} {:>8.2f} "
          "{:>8.2f}  {:>9.0f}  {:.2f} [{}]\n",
          concurrency, Median(echo.rate), Median(ours.rate), ours.Milliseconds(50),
          ours.Milliseconds(99), ours.MeanBatch(), Median(off.rate), Median(libtorch.rate),
          libtorch.Milliseconds(50), libtorch.Milliseconds(99), Median(ours.rate) / Median(ratios),
          Median(ratios), Spread(ratios));
    }
  }

  // Prints the acceptance line; true if it holds.
  bool Judge() const {
    const int busiest = options_.concurrency.back();
    const double ratio = Median(Ratios(busiest));
    const bool pass = ratio >= options_.must;
    fmt::print("\nserved / ceiling at concurrency {}: measured {:.3f}, must be >= {:.2f}: {}\n",
               busiest, ratio, options_.must, pass ? "PASS" : "FAIL");
    return pass;
  }

  nlohmann::json ToJson() const {
    nlohmann::json json = {{"model", options_.model},
                           {"rounds", options_.rounds},
                           {"cores", workers_},
                           {"cell_ms", options_.cell_milliseconds},
                           {"compute_images_per_second", compute_}};
    for (const auto& [key, cell] : cells_) {
      json["cells"].push_back({{"contender", key.first},
                               {"concurrency", key.second},
                               {"requests_per_second", cell.rate},
                               {"p50_ms", cell.Milliseconds(50)},
                               {"p99_ms", cell.Milliseconds(99)},
                               {"mean_batch", cell.MeanBatch()}});
    }
    for (const int concurrency : options_.concurrency) {
      json["served_to_ceiling"][std::to_string(concurrency)] = Ratios(concurrency);
    }
    return json;
  }

 private:
  absl::Status StartContenders() {
    ACTIUM_RETURN_IF_ERROR(MakeUnbatchedRepository(options_, folder_ / "unbatched"));
    fs::create_directories(folder_ / "batched");
    fs::copy(options_.repository / options_.model, folder_ / "batched" / options_.model,
             fs::copy_options::recursive);
    ACTIUM_ASSIGN_OR_RETURN(servers_["echo"], test::StartServer("actium-bench-echo", {}));
    for (const auto& [name, contender] : Contenders()) {
      std::vector<std::string> arguments = {"--model-repository",
                                            (folder_ / contender.repository).string()};
      arguments.insert(arguments.end(), contender.options.begin(), contender.options.end());
      ACTIUM_ASSIGN_OR_RETURN(servers_[name], test::StartServer("actium-server", arguments));
    }
    return LoadInProcess();
  }

  absl::Status LoadInProcess() {
    engine::LoadSpec spec;
    spec.model = options_.model;
    spec.file = options_.repository / options_.model / "1/model.pt";
    ACTIUM_ASSIGN_OR_RETURN(spec.signature,
                            SignatureOf(servers_.at("actium")->address(), options_.model));
    request_ = OneRow(options_.model, spec.signature);
    ACTIUM_ASSIGN_OR_RETURN(model_, loader_->Load(spec));
    return absl::OkStatus();
  }

  absl::Status RunRound() {
    std::vector<std::pair<std::string, int>> order;
    for (const auto& [name, server] : servers_) {
      for (const int concurrency : options_.concurrency) order.emplace_back(name, concurrency);
    }
    std::shuffle(order.begin(), order.end(), random_);
    for (const auto& [name, concurrency] : order) {
      ACTIUM_RETURN_IF_ERROR(Measure(name, concurrency));
    }
    ACTIUM_ASSIGN_OR_RETURN(
        const double rate,
        ComputeCeiling(*model_, workers_, 32, milliseconds(options_.cell_milliseconds)));
    compute_.push_back(rate);
    return absl::OkStatus();
  }

  absl::Status Measure(const std::string& name, int concurrency) {
    const std::string& address = servers_.at(name)->address();
    const bool infers = name != "echo";
    Executed before;
    if (infers) {
      ACTIUM_ASSIGN_OR_RETURN(before, ExecutedOf(address, options_.model));
    }
    cli::ClosedLoop loop;
    loop.concurrency = concurrency;
    loop.warm_up = milliseconds(options_.cell_milliseconds / 4);
    loop.duration = milliseconds(options_.cell_milliseconds);
    const cli::LoadResult result =
        cli::RunClosedLoop(loop, StubSender(address, request_, concurrency));
    if (result.failures() > 0) {
      return absl::InternalError(fmt::format("{}: {} requests failed, the first with: {}", name,
                                             result.failures(), result.first_error));
    }
    Cell& cell = cells_[{name, concurrency}];
    cell.rate.push_back(result.rate());
    cell.latency.Merge(result.latency);
    if (infers) {
      ACTIUM_ASSIGN_OR_RETURN(const Executed after, ExecutedOf(address, options_.model));
      cell.executed.batches += after.batches - before.batches;
      cell.executed.rows += after.rows - before.rows;
    }
    return absl::OkStatus();
  }

  // Served over ceiling, a value per round: figures of one round saw the same machine.
  std::vector<double> Ratios(int concurrency) const {
    std::vector<double> ratios;
    for (size_t round = 0; round < compute_.size(); ++round) {
      const double echo = cells_.at({"echo", concurrency}).rate[round];
      const double ceiling = 1 / (1 / echo + 1 / compute_[round]);
      ratios.push_back(cells_.at({"actium", concurrency}).rate[round] / ceiling);
    }
    return ratios;
  }

  const Options options_;
  ::inference::ModelInferRequest request_;
  const int workers_ = base::ReadCpuQuota().threads;
  const fs::path folder_ = fs::temp_directory_path() / fmt::format("actium-bench-{}", getpid());
  const std::unique_ptr<engine::ModelLoader> loader_ =
      engine::ChooseEngine(libtorch::NewLoader(), {.fuse = cpu::NewCpuModel});
  std::mt19937 random_{20240601};
  std::map<std::string, std::unique_ptr<test::ServerProcess>> servers_;
  std::shared_ptr<engine::LoadedModel> model_;
  std::map<std::pair<std::string, int>, Cell> cells_;
  std::vector<double> compute_;
};

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  // As in the programs that it measures.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  actium::bench::Options options;
  CLI::App app("Measures the server against the ceilings of its wire and of its compute.");
  app.add_option("--repository", options.repository, "folder with the model [the shipped ones]")
      ->check(CLI::ExistingDirectory);
  app.add_option("--model", options.model, "its folder there, with a config.pbtxt and 1/model.pt")
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "interleaved rounds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--cell-ms", options.cell_milliseconds, "measured time of a cell")
      ->check(CLI::Range(100, 60000))
      ->capture_default_str();
  app.add_option("--concurrency", options.concurrency, "callers, ascending")->capture_default_str();
  app.add_option("--must", options.must, "least served / ceiling at the highest concurrency")
      ->capture_default_str();
  app.add_option("--json", options.json, "file that gets every round's figures");
  CLI11_PARSE(app, argc, argv);

  actium::bench::Bench bench(options);
  if (const absl::Status status = bench.Run(); !status.ok()) {
    fmt::print(stderr, "server_bench: {}\n", std::string(status.message()));
    return 1;
  }
  bench.Print();
  if (!options.json.empty()) std::ofstream(options.json) << bench.ToJson().dump(1) << '\n';
  return bench.Judge() ? 0 : 1;
}
