#include "server/compare/made_up_inputs.h"

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/base/quote.h"

namespace actium::compare {
namespace {

using tensor::DType;

constexpr int64_t kMostBytes = int64_t{1} << 30;

template <class Float>
void FillNormal(std::mt19937& random, std::string& bytes) {
  std::normal_distribution<Float> normal;
  for (size_t at = 0; at < bytes.size(); at += sizeof(Float)) {
    const Float value = normal(random);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  }
}

void Fill(DType dtype, std::mt19937& random, std::string& bytes) {
  switch (dtype) {
    case DType::kFp32:
      return FillNormal<float>(random, bytes);
    case DType::kFp64:
      return FillNormal<double>(random, bytes);
    case DType::kBool:
      for (char& byte : bytes) byte = static_cast<char>(random() & 1);
      return;
    case DType::kFp16:
    case DType::kBf16:
    case DType::kBytes:
      return;
    default:
      for (char& byte : bytes) byte = static_cast<char>(random() & 0xff);
  }
}

}  // namespace

absl::StatusOr<batching::InferRequest> MakeUpInputs(const engine::Signature& signature, int rows) {
  std::mt19937 random(1);
  const auto memory = std::make_shared<std::vector<std::string>>();
  // Views point into the strings, so they must never move.
  memory->reserve(2 * signature.inputs.size());
  batching::InferRequest request;
  for (const tensor::TensorSpec& spec : signature.inputs) {
    batching::InputView view;
    view.name = memory->emplace_back(spec.name);
    view.dtype = spec.dtype;
    view.shape = spec.shape;
    if (signature.max_batch_size > 0) view.shape.insert(view.shape.begin(), rows);
    const auto bytes = tensor::ByteCount(spec.dtype, view.shape);
    if (!bytes.has_value()) {
      return absl::InvalidArgumentError(
          fmt::format("inputs must be given: input {} {} has no size of its own",
                      base::Quote(spec.name), tensor::ToString(spec.shape)));
    }
    if (*bytes > kMostBytes) {
      return absl::ResourceExhaustedError(fmt::format("input {} would take {} bytes, more than {}",
                                                      base::Quote(spec.name), *bytes, kMostBytes));
    }
    std::string& contents = memory->emplace_back(static_cast<size_t>(*bytes), '\0');
    Fill(spec.dtype, random, contents);
    view.pieces.push_back({.bytes = std::as_bytes(std::span(contents))});
    request.inputs.push_back(std::move(view));
  }
  request.keepalive = memory;
  return request;
}

}  // namespace actium::compare
