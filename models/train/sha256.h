#ifndef ACTIUM_MODELS_TRAIN_SHA256_H_
#define ACTIUM_MODELS_TRAIN_SHA256_H_

#include <string>
#include <string_view>

namespace actium::train {

/// Returns the SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_SHA256_H_
