#include "server/engine/target.h"

#include <array>

#include "fmt/format.h"

namespace actium::engine {
namespace {

constexpr std::array<std::string_view, kPrecisions> kNames = {"fp32", "tf32", "fp16", "bf16"};

}  // namespace

std::string Name(const Device& device) {
  return device.kind == Device::Kind::kCpu ? "cpu" : fmt::format("cuda:{}", device.index);
}

std::string_view Name(Precision precision) { return kNames[static_cast<size_t>(precision)]; }

std::optional<Precision> ParsePrecision(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Precision>(i);
  }
  return std::nullopt;
}

}  // namespace actium::engine
