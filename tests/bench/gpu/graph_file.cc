#include "tests/bench/gpu/graph_file.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <random>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/graph/text.h"
#include "server/tensor/shape.h"

namespace actium::bench {
namespace {

namespace fs = std::filesystem;
using graph::Numbers;
using tensor::Shape;

absl::Status CannotRead(const fs::path& file) {
  return absl::NotFoundError(fmt::format("{} cannot be read", base::Quote(file.string())));
}

// The shapes of a text's constants, in its order.
std::vector<Shape> ConstantShapes(const std::string& text) {
  static const std::regex line(R"(constant \S+: \[([0-9, ]*)\]\s*)");
  static const std::regex number("[0-9]+");
  std::vector<Shape> shapes;
  std::istringstream lines(text);
  for (std::string one; std::getline(lines, one);) {
    std::smatch match;
    if (!std::regex_match(one, match, line)) continue;
    const std::string dimensions = match[1];
    Shape shape;
    for (std::sregex_iterator i(dimensions.begin(), dimensions.end(), number), end; i != end; ++i) {
      shape.push_back(std::stoll(i->str()));
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

// Weights keep the variance from layer to layer (K. He et al., arXiv:1502.01852); vectors, which
// are biases and slopes, are small and positive; single numbers, which images are divided by,
// are 1.
Numbers MakeUpNumbers(const Shape& shape, std::minstd_rand& random) {
  const auto count = static_cast<size_t>(tensor::Product(shape, 0, shape.size()));
  if (shape.empty()) return Numbers(count, 1.0f);
  Numbers numbers(count);
  if (shape.size() == 1) {
    std::uniform_real_distribution<float> small(0.05f, 0.25f);
    for (float& number : numbers) number = small(random);
    return numbers;
  }
  const auto fan_in = static_cast<float>(tensor::Product(shape, 1, shape.size()));
  std::normal_distribution<float> normal(0.0f, std::sqrt(2.0f / fan_in));
  for (float& number : numbers) number = normal(random);
  return numbers;
}

absl::StatusOr<Numbers> ReadNumbers(const Shape& shape, std::istream& from, const fs::path& file) {
  Numbers numbers(static_cast<size_t>(tensor::Product(shape, 0, shape.size())));
  const auto bytes = static_cast<std::streamsize>(numbers.size() * sizeof(float));
  if (!from.read(reinterpret_cast<char*>(numbers.data()), bytes)) {
    return absl::InvalidArgumentError(
        fmt::format("{} has fewer numbers than the graph", base::Quote(file.string())));
  }
  return numbers;
}

}  // namespace

absl::Status WriteGraph(const graph::Graph& graph, const fs::path& text, const fs::path& weights) {
  std::ofstream(text) << graph::ToText(graph, graph::ConstantStyle::kShapes);
  std::ofstream to(weights, std::ios::binary);
  for (const graph::Value& value : graph.values()) {
    if (value.constant == nullptr) continue;
    to.write(reinterpret_cast<const char*>(value.constant->data()),
             static_cast<std::streamsize>(value.constant->size() * sizeof(float)));
  }
  if (!to.flush() || !fs::exists(text)) {
    return absl::UnavailableError(fmt::format(
        "{} or {} cannot be written", base::Quote(text.string()), base::Quote(weights.string())));
  }
  return absl::OkStatus();
}

absl::StatusOr<graph::Graph> ReadGraph(const fs::path& text, const fs::path& weights) {
  std::ostringstream read;
  std::ifstream from(text);
  if (!from) return CannotRead(text);
  read << from.rdbuf();

  std::minstd_rand random(1);
  std::ifstream numbers_file(weights, std::ios::binary);
  if (!weights.empty() && !numbers_file) return CannotRead(weights);
  std::vector<std::shared_ptr<const Numbers>> constants;
  for (const Shape& shape : ConstantShapes(read.str())) {
    Numbers numbers;
    if (weights.empty()) {
      numbers = MakeUpNumbers(shape, random);
    } else {
      ACTIUM_ASSIGN_OR_RETURN(numbers, ReadNumbers(shape, numbers_file, weights));
    }
    constants.push_back(std::make_shared<const Numbers>(std::move(numbers)));
  }
  if (!weights.empty() && numbers_file.peek() != std::ifstream::traits_type::eof()) {
    return absl::InvalidArgumentError(
        fmt::format("{} has more numbers than the graph", base::Quote(weights.string())));
  }
  return graph::ParseText(read.str(), constants);
}

}  // namespace actium::bench
