// How fast the activations' kernels are on each instruction set of this machine, beside a copy of
// the same memory (the floor: what is read and written anyway) and LibTorch's op, on one thread.
//
// Rounds are interleaved, in random order inside a round; the figures are medians over the rounds
// of the thread's CPU time. A ratio is the median of the rounds' ratios: a slow round slows both
// sides.

#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "server/activation/table.h"
#include "server/kernels/activation.h"
#ifdef ACTIUM_BENCH_TORCH
#include "tests/bench/torch_activation.h"
#endif

namespace actium::bench {
namespace {

constexpr std::string_view kCopy = "memcpy";
constexpr std::string_view kTorch = "libtorch";

struct Options {
  int rounds = 9;
  double cell_milliseconds = 4;
  std::vector<size_t> kilobytes = {256, 65536};
  std::vector<std::string> activations;  // Empty: all.
};

// One way to fill the output; its time per float in each round.
struct Contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> nanoseconds = {};
};

struct Buffers {
  explicit Buffers(size_t count) : in(count), out(count) {
    std::minstd_rand random(1);
    std::normal_distribution<float> normal(0.0f, 3.0f);  // Both branches, nothing subnormal.
    for (float& x : in) x = normal(random);
  }
  std::vector<float> in;
  std::vector<float> out;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Of half the rounds: from the lower to the upper quartile.
std::string Spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t quarter = values.size() / 4;
  return fmt::format("{:.3f}..{:.3f}", values[quarter], values[values.size() - 1 - quarter]);
}

std::vector<Contender> Contenders(activation::Activation id, Buffers& buffers) {
  float* const in = buffers.in.data();
  float* const out = buffers.out.data();
  const size_t count = buffers.in.size();
  std::vector<Contender> contenders;
  contenders.push_back({std::string(kCopy), [=] { std::memcpy(out, in, count * sizeof(float)); }});
  for (const kernels::InstructionSet set : kernels::InstructionSets()) {
    contenders.push_back({std::string(Name(set)),
                          [=, kernel = FindActivation(id, {}, set)] { kernel(in, out, count); }});
  }
#ifdef ACTIUM_BENCH_TORCH
  contenders.push_back({std::string(kTorch), TorchActivation(id, in, out, count)});
#endif
  return contenders;
}

// Of this thread on a processor: what other programs take does not count.
double CpuSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double Seconds(const std::function<void()>& run, int64_t times) {
  const double begin = CpuSeconds();
  for (int64_t i = 0; i < times; ++i) run();
  return CpuSeconds() - begin;
}

// How often to run it so that a cell takes as long as wished.
int64_t Times(const std::function<void()>& run, double cell_seconds) {
  run();  // Warm-up: caches, page faults.
  const double once = std::max(Seconds(run, 1), 1e-7);
  return std::max<int64_t>(1, static_cast<int64_t>(cell_seconds / once));
}

void Measure(std::vector<Contender>& contenders, size_t count, const Options& options) {
  std::vector<int64_t> times;
  for (const Contender& contender : contenders) {
    times.push_back(Times(contender.run, options.cell_milliseconds / 1e3));
  }
  std::vector<size_t> order(contenders.size());
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random(1);
  for (int round = 0; round < options.rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t i : order) {
      contenders[i].run();  // What the one before left in the cache is not this one's.
      const double seconds = Seconds(contenders[i].run, times[i]);
      contenders[i].nanoseconds.push_back(seconds * 1e9 / static_cast<double>(times[i]) /
                                          static_cast<double>(count));
    }
  }
}

double Ratio(const Contender& a, const Contender& b) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.nanoseconds.size(); ++i) {
    ratios.push_back(a.nanoseconds[i] / b.nanoseconds[i]);
  }
  return Median(ratios);
}

void Print(std::string_view activation, const std::vector<Contender>& contenders) {
  const auto torch = std::find_if(contenders.begin(), contenders.end(),
                                  [](const Contender& c) { return c.name == kTorch; });
  for (const Contender& contender : contenders) {
    const double nanoseconds = Median(contender.nanoseconds);
    fmt::print("{:<12} {:<9} {:>8.3f}  {:<15} {:>7.1f} {:>9.2f}x", activation, contender.name,
               nanoseconds, Spread(contender.nanoseconds), 2 * sizeof(float) / nanoseconds,
               Ratio(contender, contenders.front()));
    if (torch != contenders.end()) fmt::print(" {:>11.2f}x", Ratio(contender, *torch));
    fmt::print("\n");
  }
}

void MeasureSize(size_t kilobytes, const Options& options) {
  Buffers buffers(kilobytes * 1024 / sizeof(float));
  fmt::print("{} KB, one thread, {} interleaved rounds\n", kilobytes, options.rounds);
  fmt::print("{:<12} {:<9} {:>8}  {:<15} {:>7} {:>10} {:>12}\n", "activation", "by", "ns/float",
             "half of rounds", "GB/s", "to memcpy", "to libtorch");
  for (const activation::Row& row : activation::Table()) {
    const bool wanted =
        std::any_of(options.activations.begin(), options.activations.end(),
                    [&](const std::string& name) { return activation::Find(name)->id == row.id; });
    if (!options.activations.empty() && !wanted) continue;
    std::vector<Contender> contenders = Contenders(row.id, buffers);
    Measure(contenders, buffers.in.size(), options);
    Print(row.name, contenders);
  }
  fmt::print("\n");
}

void Run(const Options& options) {
  fmt::print(
      "Activations on the instruction sets of this machine. A float is read and written once "
      "(GB/s counts both);\nratios below 1 are faster than the other side.\n\n");
  for (const size_t kilobytes : options.kilobytes) MeasureSize(kilobytes, options);
}

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  actium::bench::Options options;
  CLI::App app("Measures the activations' kernels beside memcpy and LibTorch, on one thread.");
  app.add_option("--rounds", options.rounds, "interleaved rounds")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--cell-milliseconds", options.cell_milliseconds, "length of one measurement")
      ->capture_default_str();
  app.add_option("--kilobytes", options.kilobytes, "sizes of the input")
      ->check(CLI::Range(1, 1 << 20))
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--activations", options.activations, "names, as mish; all if none is given")
      ->check([](const std::string& name) {
        const bool known = actium::activation::Find(name) != nullptr;
        return known ? std::string() : fmt::format("there is no activation '{}'", name);
      })
      ->delimiter(',');
  app.footer("Example: actium-activation-bench --activations relu,mish --kilobytes 8,256");
  CLI11_PARSE(app, argc, argv);
  actium::bench::Run(options);
  return 0;
}
