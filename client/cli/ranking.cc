#include "client/cli/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace actium::cli {
namespace {

constexpr int64_t kMostClasses = 10000;

std::vector<double> Softmax(const std::vector<client::Class>& classes) {
  std::vector<double> result;
  double sum = 0;
  for (const client::Class& entry : classes) {
    result.push_back(std::exp(entry.score - classes.front().score));  // The best comes first.
    sum += result.back();
  }
  for (double& value : result) value /= sum;
  return result;
}

bool AreProbabilities(const std::vector<client::Class>& classes) {
  double sum = 0;
  for (const client::Class& entry : classes) {
    if (!(entry.score >= 0)) return false;
    sum += entry.score;
  }
  return std::fabs(sum - 1) < 1e-3;
}

}  // namespace

int64_t ClassesOf(const inference::ModelMetadataResponse::TensorMetadata& output, bool batched) {
  int64_t classes = 1;
  for (int i = batched ? 1 : 0; i < output.shape_size(); ++i) {
    const int64_t size = output.shape(i);
    if (size < 1 || __builtin_mul_overflow(classes, size, &classes)) return 0;
  }
  return classes;
}

int ClassesToRequest(int64_t classes, int top) {
  if (classes < 1 || classes > kMostClasses) return top;
  return static_cast<int>(classes);
}

Rankings Rank(std::vector<std::vector<client::Class>> rows, int64_t classes) {
  Rankings rankings;
  for (auto& row : rows) {
    Ranking ranking{.classes = std::move(row), .probabilities = {}};
    if (std::ssize(ranking.classes) == classes) {
      if (AreProbabilities(ranking.classes)) {
        for (const auto& entry : ranking.classes) ranking.probabilities.push_back(entry.score);
      } else {
        ranking.probabilities = Softmax(ranking.classes);
      }
    }
    rankings.push_back(std::move(ranking));
  }
  return rankings;
}

std::string NameOf(const client::Class& entry) {
  return entry.label.empty() ? fmt::format("class {}", entry.index) : entry.label;
}

}  // namespace actium::cli
