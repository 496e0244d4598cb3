#ifndef ACTIUM_SERVER_ACTIVATION_ACTIVATION_H_
#define ACTIUM_SERVER_ACTIVATION_ACTIVATION_H_

// Includes nothing: nvcc reads it, too.

namespace actium::activation {

/// In the table's order.
enum class Activation {
  kIdentity,
  kSigmoid,
  kTanh,
  kRelu,
  kLeakyRelu,
  kPrelu,
  kSwish,
  kMish,
  kGelu,
  kGeluTanh,
  kElu,
  kSelu,
  kCelu,
  kHardswish,
  kHardsigmoid,
  kHardtanh,
  kRelu6,
  kSoftplus,
  kSoftsign,
};
inline constexpr int kActivations = 19;

}  // namespace actium::activation

#endif  // ACTIUM_SERVER_ACTIVATION_ACTIVATION_H_
