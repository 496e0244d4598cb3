#include "server/compare/made_up_inputs.h"

#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/engine/made_up_numbers.h"

namespace actium::compare {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 30;

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
    engine::MakeUpNumbers(spec.dtype, random, std::as_writable_bytes(std::span(contents)));
    view.pieces.push_back({.bytes = std::as_bytes(std::span(contents))});
    request.inputs.push_back(std::move(view));
  }
  request.keepalive = memory;
  return request;
}

}  // namespace actium::compare
