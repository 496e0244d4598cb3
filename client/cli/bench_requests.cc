#include "client/cli/bench_requests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <utility>

#include "actium/tensors.h"
#include "client/cli/element.h"
#include "client/cli/model_input.h"

namespace actium::cli {
namespace {

constexpr int64_t kMostRequestBytes = int64_t{256} << 20;
constexpr int64_t kMostBytesTogether = int64_t{64} << 20;
constexpr int64_t kMostRequests = 8;

// The shape of an input in a request of so many rows.
absl::StatusOr<std::vector<int64_t>> ShapeOf(const ModelInput& input, int rows,
                                             const std::vector<GivenShape>& given) {
  std::vector<int64_t> shape = input.shape;
  const ptrdiff_t first = input.batched ? 1 : 0;
  if (input.batched) shape[0] = rows;
  for (const GivenShape& entry : given) {
    if (entry.input != input.name) continue;
    const bool fits =
        std::equal(shape.begin() + first, shape.end(), entry.shape.begin(), entry.shape.end(),
                   [](int64_t want, int64_t size) { return want == -1 || want == size; });
    if (!fits) {
      return absl::InvalidArgumentError(fmt::format(
          "--shape for input '{}' must fit [{}], got [{}]", input.name,
          fmt::join(shape.begin() + first, shape.end(), ", "), fmt::join(entry.shape, ", ")));
    }
    std::copy(entry.shape.begin(), entry.shape.end(), shape.begin() + first);
  }
  if (std::find(shape.begin(), shape.end(), -1) != shape.end()) {
    return absl::InvalidArgumentError(
        fmt::format("input '{}' has shape [{}]: say which by --shape {}:SIZE,SIZE,...", input.name,
                    fmt::join(input.shape, ", "), input.name));
  }
  return shape;
}

absl::StatusOr<int64_t> CountElements(const ModelInput& input, const std::vector<int64_t>& shape) {
  int64_t bytes = static_cast<int64_t>(client::ElementBytes(input.datatype));
  if (bytes == 0) {
    return absl::InvalidArgumentError(fmt::format(
        "input '{}': contents of type {} cannot be made up", input.name, input.datatype));
  }
  const int64_t element_bytes = bytes;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > kMostRequestBytes) {
      return absl::ResourceExhaustedError(fmt::format("input '{}': shape [{}] has more than {} MiB",
                                                      input.name, fmt::join(shape, ", "),
                                                      kMostRequestBytes >> 20));
    }
  }
  return bytes / element_bytes;
}

std::string RandomContents(const std::string& datatype, int64_t elements,
                           std::mt19937_64& generator) {
  int highest = 255;
  if (datatype == "INT8") highest = 127;
  if (datatype == "BOOL") highest = 1;
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::uniform_int_distribution<int> whole(0, highest);
  std::string bytes;
  for (int64_t i = 0; i < elements; ++i) {
    AppendElement(bytes, datatype, IsFloatingPoint(datatype) ? unit(generator) : whole(generator));
  }
  return bytes;
}

struct Shaped {
  ModelInput input;
  std::vector<int64_t> shape;
  int64_t elements = 0;
};

absl::StatusOr<std::vector<Shaped>> ShapeInputs(client::Client& server, const std::string& model,
                                                int rows, const std::vector<GivenShape>& given) {
  const auto metadata = server.ModelMetadata(model);
  if (!metadata.ok()) return metadata.status();
  const auto config = server.ModelConfig(model);
  if (!config.ok()) return config.status();
  const int most_rows = std::max(1, config->max_batch_size());
  if (rows > most_rows) {
    return absl::InvalidArgumentError(
        fmt::format("model '{}': --batch must be in [1, {}], got {}", model, most_rows, rows));
  }
  std::vector<Shaped> inputs;
  for (const auto& described : metadata->inputs()) {
    auto input = FindInput(*metadata, *config, described.name());
    if (!input.ok()) return input.status();
    auto shape = ShapeOf(*input, rows, given);
    if (!shape.ok()) return shape.status();
    const auto elements = CountElements(*input, *shape);
    if (!elements.ok()) return elements.status();
    inputs.push_back({*std::move(input), *std::move(shape), *elements});
  }
  return inputs;
}

}  // namespace

absl::StatusOr<GivenShape> ParseGivenShape(const std::string& text) {
  const auto wrong = [&text] {
    return absl::InvalidArgumentError(
        fmt::format("--shape must be like image:3,224,224 with sizes >= 1, got '{}'", text));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return wrong();
  GivenShape given{.input = text.substr(0, colon), .shape = {}};
  const char* at = text.data() + colon;
  const char* const end = text.data() + text.size();
  while (at != end) {
    if (*at != (given.shape.empty() ? ':' : ',')) return wrong();
    int64_t size = 0;
    const auto [next, error] = std::from_chars(at + 1, end, size);
    if (error != std::errc() || size < 1) return wrong();
    given.shape.push_back(size);
    at = next;
  }
  return given;
}

absl::StatusOr<BenchRequests> MakeBenchRequests(client::Client& server, const std::string& model,
                                                int rows, const std::vector<GivenShape>& shapes) {
  const auto inputs = ShapeInputs(server, model, rows, shapes);
  if (!inputs.ok()) return inputs.status();
  std::mt19937_64 generator(0);
  BenchRequests requests;
  int64_t bytes = 0;
  while (std::ssize(requests) < kMostRequests && (requests.empty() || bytes < kMostBytesTogether)) {
    auto request = std::make_shared<inference::ModelInferRequest>();
    request->set_model_name(model);
    for (const Shaped& input : *inputs) {
      std::string contents = RandomContents(input.input.datatype, input.elements, generator);
      bytes += std::ssize(contents);
      if (absl::Status status = client::AddRawInput(*request, input.input.name,
                                                    input.input.datatype, input.shape, contents);
          !status.ok()) {
        return status;
      }
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace actium::cli
