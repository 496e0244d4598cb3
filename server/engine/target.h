#ifndef ACTIUM_SERVER_ENGINE_TARGET_H_
#define ACTIUM_SERVER_ENGINE_TARGET_H_

#include <optional>
#include <string>
#include <string_view>

namespace actium::engine {

/// Where a model runs.
struct Device {
  enum class Kind { kCpu, kCuda };
  Kind kind = Kind::kCpu;
  int index = 0;  ///< >= 0.
  friend bool operator==(const Device&, const Device&) = default;
};

/// Returns "cpu", or "cuda:" and the index.
std::string Name(const Device& device);

/// The arithmetic of a model. All but kFp32 are for GPUs; inputs and outputs keep the types of the
/// signature.
enum class Precision {
  kFp32,  ///< Everything in float.
  kTf32,  ///< Kept in float; products take factors of 10 bits after the point, sums are floats.
  kFp16,  ///< Kept in half, whose largest number is 65504; sums are floats.
  kBf16,  ///< Kept in bfloat16: the range of float, 7 bits after the point; sums are floats.
};
inline constexpr int kPrecisions = 4;

/// Returns "fp32", "tf32", "fp16" or "bf16"; of these words the precision, of others nothing.
std::string_view Name(Precision precision);
std::optional<Precision> ParsePrecision(std::string_view name);

/// Where and how a model version shall run.
struct Target {
  Device device;
  /// The configuration asks for this kind of device; otherwise another may stand in.
  bool required = false;
  Precision precision = Precision::kFp32;
};

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_TARGET_H_
