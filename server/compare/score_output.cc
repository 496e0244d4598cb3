#include "server/compare/score_output.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::compare {
namespace {

using base::Quote;

absl::StatusOr<std::string> FindOutput(const Variant& variant, const std::string& name) {
  const auto& outputs = variant.model->signature.outputs;
  const auto found =
      name.empty() ? outputs.begin() : std::ranges::find(outputs, name, &tensor::TensorSpec::name);
  if (found == outputs.end() || (name.empty() && outputs.size() > 1)) {
    return absl::InvalidArgumentError(
        fmt::format("output must name one of the {} outputs of {}, got {}", outputs.size(),
                    Quote(variant.name), Quote(name)));
  }
  if (found->dtype == tensor::DType::kFp32 || found->dtype == tensor::DType::kFp64) {
    return found->name;
  }
  return absl::InvalidArgumentError(fmt::format("output {} of {} must be FP32 or FP64, it is {}",
                                                Quote(found->name), Quote(variant.name),
                                                tensor::Name(found->dtype)));
}

}  // namespace

absl::StatusOr<ScoreKind> ReadScoreKind(v1::ScoreKind kind) {
  switch (kind) {
    case v1::SCORE_KIND_UNSPECIFIED:
    case v1::SCORE_KIND_LOGITS:
      return ScoreKind::kLogits;
    case v1::SCORE_KIND_PROBABILITIES:
      return ScoreKind::kProbabilities;
    default:
      return absl::InvalidArgumentError(
          fmt::format("scores must be one of ScoreKind, got {}", static_cast<int>(kind)));
  }
}

absl::StatusOr<std::vector<std::string>> FindScoreOutputs(std::span<const Variant> variants,
                                                          const std::string& name) {
  std::vector<std::string> outputs;
  for (const Variant& variant : variants) {
    ACTIUM_ASSIGN_OR_RETURN(outputs.emplace_back(), FindOutput(variant, name));
  }
  return outputs;
}

absl::StatusOr<Scores> Scores::Of(const batching::InferResponse& answer, int rows) {
  const batching::OutputTensor& output = answer.outputs.front();
  const size_t elements = output.bytes.size() / tensor::ElementBytes(output.dtype);
  const size_t classes = elements / static_cast<size_t>(rows);
  if (classes * static_cast<size_t>(rows) != elements || classes < 2) {
    return absl::InvalidArgumentError(fmt::format(
        "output {} has shape {}, which is no list of at least 2 scores for each of {} rows",
        Quote(output.name), tensor::ToString(output.shape), rows));
  }
  return Scores(output, static_cast<int>(classes));
}

std::vector<double> Scores::Row(int row) const {
  std::vector<double> scores(static_cast<size_t>(classes_));
  const size_t element = tensor::ElementBytes(output_.dtype);
  const char* at = output_.bytes.data() + static_cast<size_t>(row) * scores.size() * element;
  for (double& score : scores) {
    // The bytes are dense but not aligned.
    if (output_.dtype == tensor::DType::kFp64) {
      std::memcpy(&score, at, sizeof(double));
    } else {
      float value = 0;
      std::memcpy(&value, at, sizeof value);
      score = value;
    }
    at += element;
  }
  return scores;
}

}  // namespace actium::compare
