#ifndef ACTIUM_TESTS_FUZZ_REQUESTS_H_
#define ACTIUM_TESTS_FUZZ_REQUESTS_H_

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/executor.h"

/// Hostile ModelInferRequest payloads, and what must hold of each.
namespace actium::test {

/// Inputs UINT8 `image` [-1, 1, 2, 2] and FP32 `scale` [-1, any], 8 rows at most.
engine::Signature FuzzedSignature();

/// Serialized requests for that signature: raw and typed contents, parameters, requested outputs,
/// most of them good.
std::vector<std::string> SeedRequests();

/// Returns a changed copy: bits flipped, bytes put in, taken out, repeated, cut off, lengths and
/// numbers replaced by extremes, or two payloads crossed. The same generator state gives the same
/// result.
std::string Mutate(const std::string& payload, const std::string& other, std::mt19937_64& random);

/// Sends a payload through parsing, decoding and the check against FuzzedSignature(), and ends the
/// process if the result is neither a bounded refusal of the caller's fault nor a request whose
/// views hold exactly the bytes that their shapes say. Reads each of these bytes, for ASan.
///
/// Returns whether the payload was accepted.
bool CheckPayload(std::string_view payload);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_FUZZ_REQUESTS_H_
