// How fast the CUDA engine's pointwise kernel is with every activation, as epilogues have them,
// beside copies of the same memory: cudaMemcpyAsync and a plain kernel.
//
// Rounds are interleaved, in random order inside a round; a ratio is the median over the rounds of
// the bandwidth relative to the faster copy of the same round. Results are checked against float64
// first.
#include <cuda_runtime.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <bit>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "server/activation/table.h"
#include "server/cuda/constant_pool.h"
#include "server/cuda/pointwise.h"
#include "server/cuda/status.h"
#include "tests/bench/gpu/copy_kernel.h"

namespace actium::bench {
namespace {

using cuda::Storage;
using Json = nlohmann::json;

constexpr const char* kStandIn = "CUDA stand-in";
constexpr int kChannels = 64;  // Period of bias and slopes.

struct Options {
  int device = 0;
  int rounds = 15;
  std::vector<int> megabytes = {64, 256};
  double cell_milliseconds = 5;
  double must = 0.90;
  std::filesystem::path json;
  bool dry_run = false;
  std::string command;
};

constexpr std::pair<Storage, const char*> kStorages[] = {
    {Storage::kFloat, "fp32"}, {Storage::kHalf, "fp16"}, {Storage::kBfloat16, "bf16"}};

/// What is added to x before the activation.
enum class Kind { kPlain, kBias, kResidual };
constexpr std::pair<Kind, const char*> kKinds[] = {
    {Kind::kPlain, "f(x)"}, {Kind::kBias, "f(x+bias)"}, {Kind::kResidual, "f(x+bias+residual)"}};

// Memory of one type and size. x and residual hold normal numbers, on both sides of every kink.
struct Buffers {
  Storage storage = Storage::kFloat;
  size_t bytes = 0;  // Of a tensor.
  cuda::ConstantPool pool;
  size_t x = 0, residual = 0, bias = 0;
  cuda::DeviceMemory y;
  cuda::Stream stream;
  cuda::Event begin, end;

  uint32_t count() const { return static_cast<uint32_t>(bytes / cuda::BytesOf(storage)); }
};

std::vector<float> NormalNumbers(size_t count, uint32_t seed) {
  std::minstd_rand random(seed);
  std::normal_distribution<float> normal(0.0f, 2.0f);
  std::vector<float> numbers(count);
  const size_t drawn = std::min(count, size_t{1} << 20);  // Then once more: drawing is slow.
  for (size_t i = 0; i < drawn; ++i) numbers[i] = normal(random);
  for (size_t i = drawn; i < count; ++i) numbers[i] = numbers[i - drawn];
  return numbers;
}

absl::Status Allocate(Storage storage, size_t bytes, Buffers& made) {
  made.storage = storage;
  made.bytes = bytes;
  made.x = made.pool.Add(NormalNumbers(made.count(), 1), storage);
  made.residual = made.pool.Add(NormalNumbers(made.count(), 2), storage);
  std::vector<float> bias = NormalNumbers(kChannels, 3);
  for (float& number : bias) number = std::abs(number) * 0.1f;  // Also PReLU's slopes.
  made.bias = made.pool.Add(bias, Storage::kFloat);
  ACTIUM_RETURN_IF_ERROR(made.pool.Upload());
  ACTIUM_ASSIGN_OR_RETURN(made.y, cuda::NewDeviceMemory(bytes, "a result"));
  ACTIUM_ASSIGN_OR_RETURN(made.stream, cuda::NewStream());
  ACTIUM_ASSIGN_OR_RETURN(made.begin, cuda::NewEvent(/*timed=*/true));
  ACTIUM_ASSIGN_OR_RETURN(made.end, cuda::NewEvent(/*timed=*/true));
  return absl::OkStatus();
}

// The program that a plan has for such a step.
cuda::Program ProgramOf(const activation::Row& row, Kind kind, const Buffers& buffers) {
  using cuda::Source;
  cuda::Program program;
  program.operands[0] = {.data = buffers.pool.at(buffers.x), .tensor = true};
  program.operands[1] = {.data = buffers.pool.at(buffers.bias),
                         .period = cuda::MakeDivisor(kChannels)};
  program.operands[2] = {.data = buffers.pool.at(buffers.residual), .tensor = true};
  const auto left = [&] {
    return program.steps == 0 ? cuda::StepInput{Source::kOperand, 0}
                              : cuda::StepInput{Source::kPrevious, 0};
  };
  const int added = kind == Kind::kPlain ? 0 : kind == Kind::kBias ? 1 : 2;
  for (uint8_t i = 1; i <= added; ++i) {
    program.step[program.steps] = {.function = static_cast<uint8_t>(cuda::Arithmetic::kAdd),
                                   .left = left(),
                                   .right = {Source::kOperand, i}};
    ++program.steps;
  }
  cuda::Step& last = program.step[program.steps];
  last.function = static_cast<uint8_t>(row.id);
  last.left = left();
  if (row.id == activation::Activation::kPrelu) last.right = {Source::kOperand, 1};
  for (size_t i = 0; i < std::min(row.parameters.size(), std::size(last.parameters)); ++i) {
    last.parameters[i] = static_cast<float>(row.parameters[i].default_value);
  }
  ++program.steps;
  return program;
}

// One way to fill y.
struct Contender {
  const char* kind;
  std::string activation;  // Empty: a copy.
  double bytes;            // Read and written by a run.
  std::function<cudaError_t()> run;
  std::function<absl::Status()> check = {};
  int times = 1;                    // Runs of a measurement.
  std::vector<double> speeds = {};  // Of each round, GB/s.
};

std::vector<double> Read(const void* device, Storage storage, size_t count) {
  std::vector<double> numbers;
  std::vector<std::byte> raw(count * cuda::BytesOf(storage));
  if (cudaMemcpy(raw.data(), device, raw.size(), cudaMemcpyDeviceToHost) != cudaSuccess) return {};
  for (size_t i = 0; i < count; ++i) {
    float number = 0;
    uint16_t half = 0;
    if (storage == Storage::kFloat) {
      std::memcpy(&number, &raw[4 * i], sizeof number);
    } else {
      std::memcpy(&half, &raw[2 * i], sizeof half);
      number = storage == Storage::kHalf ? static_cast<float>(std::bit_cast<_Float16>(half))
                                         : std::bit_cast<float>(uint32_t{half} << 16);
    }
    numbers.push_back(static_cast<double>(number));
  }
  return numbers;
}

// Compares the first results with float64. The last ones follow by the tests of the kernel.
absl::Status Check(const activation::Row& row, Kind kind, const Buffers& buffers) {
  const size_t count = std::min<size_t>(buffers.count(), 4096);
  const std::vector<double> x = Read(buffers.pool.at(buffers.x), buffers.storage, count);
  const std::vector<double> residual =
      Read(buffers.pool.at(buffers.residual), buffers.storage, count);
  const std::vector<double> bias = Read(buffers.pool.at(buffers.bias), Storage::kFloat, kChannels);
  const std::vector<double> y = Read(buffers.y.get(), buffers.storage, count);
  if (y.size() != count) return absl::InternalError("results cannot be read");
  const double relative = buffers.storage == Storage::kFloat  ? 1e-5
                          : buffers.storage == Storage::kHalf ? 2e-3
                                                              : 1e-2;
  std::vector<double> parameters;
  for (const activation::Parameter& one : row.parameters) parameters.push_back(one.default_value);
  for (size_t i = 0; i < count; ++i) {
    double sum = x[i];
    if (kind != Kind::kPlain) sum += bias[i % kChannels];
    if (kind == Kind::kResidual) sum += residual[i];
    if (row.id == activation::Activation::kPrelu) parameters = {bias[i % kChannels]};
    const double right = activation::Evaluate(row.id, parameters, sum);
    if (std::abs(y[i] - right) <= relative * std::abs(right) + relative * 1e-1) continue;
    return absl::InternalError(
        fmt::format("{}: number {} is {} instead of {}", row.name, i, y[i], right));
  }
  return absl::OkStatus();
}

std::vector<Contender> Contenders(Buffers& buffers) {
  const double copied = 2.0 * static_cast<double>(buffers.bytes);
  const void* const x = buffers.pool.at(buffers.x);
  std::vector<Contender> made;
  made.push_back({"cudaMemcpyAsync", "", copied, [&buffers, x] {
                    return cudaMemcpyAsync(buffers.y.get(), x, buffers.bytes,
                                           cudaMemcpyDeviceToDevice, buffers.stream.get());
                  }});
  made.push_back({"copy kernel", "", copied, [&buffers, x] {
                    return RunCopy(x, buffers.y.get(), buffers.bytes, buffers.stream.get());
                  }});
  for (const auto& [kind, name] : kKinds) {
    for (const activation::Row& row : activation::Table()) {
      const cuda::PointwiseArguments arguments = {
          .program = ProgramOf(row, kind, buffers), .y = buffers.y.get(), .count = buffers.count()};
      made.push_back({name, std::string(row.name), kind == Kind::kResidual ? 1.5 * copied : copied,
                      [&buffers, arguments] {
                        return cuda::RunPointwise(buffers.storage, arguments, buffers.stream.get());
                      },
                      [&row, &buffers, kind = kind] { return Check(row, kind, buffers); }});
    }
  }
  return made;
}

absl::StatusOr<double> Seconds(const Buffers& buffers, const Contender& contender, int times) {
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(buffers.begin.get(), buffers.stream.get()), "timing");
  for (int i = 0; i < times; ++i) ACTIUM_RETURN_IF_CUDA_ERROR(contender.run(), contender.kind);
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(buffers.end.get(), buffers.stream.get()), "timing");
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventSynchronize(buffers.end.get()), contender.kind);
  float milliseconds = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(
      cudaEventElapsedTime(&milliseconds, buffers.begin.get(), buffers.end.get()), "timing");
  return std::max(double{milliseconds} / 1e3, 1e-9);
}

absl::Status Measure(const Options& options, const Buffers& buffers,
                     std::vector<Contender>& contenders) {
  for (Contender& contender : contenders) {
    ACTIUM_ASSIGN_OR_RETURN(const double once, Seconds(buffers, contender, 1));
    if (contender.check) ACTIUM_RETURN_IF_ERROR(contender.check());
    if (options.dry_run) continue;
    ACTIUM_ASSIGN_OR_RETURN(const double warm, Seconds(buffers, contender, 3));
    contender.times = static_cast<int>(
        std::clamp(options.cell_milliseconds / 1e3 / std::min(once, warm / 3), 1.0, 1e4));
  }
  std::vector<size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random(1);
  for (int round = 0; round < options.rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t i : order) {
      Contender& contender = contenders[i];
      ACTIUM_ASSIGN_OR_RETURN(const double seconds, Seconds(buffers, contender, contender.times));
      contender.speeds.push_back(contender.bytes * contender.times / seconds / 1e9);
    }
  }
  return absl::OkStatus();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// To the faster of the two copies, which come first.
double RatioToCopy(const Contender& contender, const std::vector<Contender>& contenders) {
  std::vector<double> ratios;
  for (size_t i = 0; i < contender.speeds.size(); ++i) {
    ratios.push_back(contender.speeds[i] /
                     std::max(contenders[0].speeds[i], contenders[1].speeds[i]));
  }
  return Median(ratios);
}

// Prints the contenders of one memory, and adds them to cells. Whether all keep the bound.
bool Report(const Options& options, const char* storage, int megabytes,
            const std::vector<Contender>& contenders, Json& cells) {
  bool kept = true;
  for (const Contender& contender : contenders) {
    if (options.dry_run) {
      fmt::print("{} {} {}: machinery PASS\n", storage, contender.kind, contender.activation);
      continue;
    }
    const bool copy = contender.activation.empty();
    const double ratio = RatioToCopy(contender, contenders);
    const bool pass = copy || ratio >= options.must;
    kept = kept && pass;
    const auto [least, most] =
        std::minmax_element(contender.speeds.begin(), contender.speeds.end());
    fmt::print(
        "{} {:>4} MiB  {:<19} {:<12} {:>7.0f} GB/s [{:.0f}..{:.0f}]  of copy {:.3f}{}\n", storage,
        megabytes, contender.kind, contender.activation, Median(contender.speeds), *least, *most,
        ratio,
        copy ? "" : fmt::format(" (must be >= {:.2f}) {}", options.must, pass ? "PASS" : "FAIL"));
    cells.push_back({{"storage", storage},
                     {"megabytes", megabytes},
                     {"kind", contender.kind},
                     {"activation", contender.activation},
                     {"gigabytes_per_second", contender.speeds},
                     {"ratio_to_copy", ratio}});
  }
  return kept;
}

std::string Today() {
  const std::time_t now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

std::string Driver() {
  std::ifstream from("/proc/driver/nvidia/version");
  std::string line;
  std::getline(from, line);
  return line;
}

// 0: all bounds are kept. 1: one is not.
absl::StatusOr<int> Bench(const Options& options) {
  ACTIUM_RETURN_IF_ERROR(cuda::UseDevice(options.device));
  cudaDeviceProp properties;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, options.device), "the device");
  if (properties.name == std::string(kStandIn) && !options.dry_run) {
    return absl::InvalidArgumentError("this is the stand-in, whose times say nothing: --dry-run");
  }
  int runtime = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaRuntimeGetVersion(&runtime), "the version");
  fmt::print("{}, CUDA runtime {}, {}\n", properties.name, runtime, Driver());

  bool kept = true;
  Json cells = Json::array();
  for (const int megabytes : options.megabytes) {
    for (const auto& [storage, name] : kStorages) {
      const size_t bytes = options.dry_run ? 16384 : static_cast<size_t>(megabytes) << 20;
      Buffers buffers;
      ACTIUM_RETURN_IF_ERROR(Allocate(storage, bytes, buffers));
      std::vector<Contender> contenders = Contenders(buffers);
      ACTIUM_RETURN_IF_ERROR(Measure(options, buffers, contenders));
      kept = Report(options, name, megabytes, contenders, cells) && kept;
    }
  }
  if (!options.json.empty()) {
    const Json result = {
        {"date", Today()},         {"device", properties.name},  {"driver", Driver()},
        {"cuda_runtime", runtime}, {"command", options.command}, {"must", options.must},
        {"cells", cells}};
    if (!(std::ofstream(options.json) << result.dump(1) << "\n").flush()) {
      return absl::UnavailableError("the results cannot be written");
    }
  }
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  actium::bench::Options options;
  for (int i = 1; i < argc; ++i) options.command += std::string(i > 1 ? " " : "") + argv[i];
  CLI::App app(
      "Measures the CUDA engine's pointwise kernel with every activation beside copies of the same "
      "memory.\n\n"
      "Exit status: 0 the bound is kept everywhere, 1 it is not or a result is wrong, 3 there is "
      "no "
      "GPU to measure, above 100 bad arguments.\n\n"
      "Example: actium-gpu-bench --megabytes 64 --json bandwidth.json");
  app.add_option("--device", options.device, "which GPU [0]")->check(CLI::Range(0, 63));
  app.add_option("--rounds", options.rounds, "interleaved rounds, 3 to 1000 [15]")
      ->check(CLI::Range(3, 1000));
  app.add_option("--megabytes", options.megabytes, "sizes of a tensor in MiB, 1 to 1024 [64,256]")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--must", options.must, "least bandwidth relative to the faster copy [0.90]");
  CLI::Option* const json = app.add_option("--json", options.json, "file that gets every round");
  app.add_flag("--dry-run", options.dry_run,
               "run everything once on little memory, on the stand-in if it is linked; no figures")
      ->excludes(json);
  CLI11_PARSE(app, argc, argv);
  if (options.dry_run) {
    options.rounds = 1;
    options.megabytes = {1};
  }
  const absl::StatusOr<int> status = actium::bench::Bench(options);
  if (status.ok()) return *status;
  fmt::print(stderr, "gpu-bench: {}\n", std::string(status.status().message()));
  return absl::IsFailedPrecondition(status.status()) || absl::IsInvalidArgument(status.status())
             ? 3
             : 1;
}
