#include "tests/support/fake_loader.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::test {
namespace {

// What a file says.
struct FakeFile {
  std::optional<std::string> metadata;
  std::string fail_load;
  FakeBehaviour behaviour;
};

// Reads whole numbers to the end of the line; nothing if anything else stands there.
std::optional<std::vector<int>> Numbers(std::istringstream& line) {
  std::vector<int> numbers;
  for (int number = 0; line >> number;) numbers.push_back(number);
  if (!line.eof() || numbers.empty()) return std::nullopt;
  return numbers;
}

std::string Text(std::istringstream& line) {
  std::string text;
  std::getline(line >> std::ws, text);
  return text;
}

bool ReadNumbers(const std::string& word, std::istringstream& line, FakeBehaviour& behaviour) {
  const auto numbers = Numbers(line);
  if (!numbers) return false;
  const int first = numbers->front();
  if (word == "batch_sizes") {
    behaviour.batch_sizes = *numbers;
  } else if (word == "busy_us") {
    behaviour.busy = std::chrono::microseconds(first);
  } else if (word == "in_flight") {
    behaviour.max_in_flight = first;
  } else if (word == "nan_marker") {
    behaviour.nan_marker = static_cast<std::byte>(first);
  } else if (word == "depends_on_batch") {
    behaviour.depends_on_batch = first != 0;
  } else if (word == "importable") {
    behaviour.importable = first != 0;
  } else {
    return false;
  }
  return true;
}

bool ReadLine(const std::string& text, FakeFile& file) {
  std::istringstream line(text);
  std::string word;
  line >> word;
  if (word == "metadata") {
    file.metadata = Text(line);
  } else if (word == "weights") {
    file.behaviour.facts.weights_digest = Text(line);
  } else if (word == "activation") {
    file.behaviour.facts.activations.push_back(Text(line));
  } else if (word == "not_fused") {
    file.behaviour.facts.not_fused = Text(line);
  } else if (word == "fail_load") {
    file.fail_load = Text(line);
  } else if (word == "fail_run") {
    file.behaviour.on_run = [message = Text(line)](auto) { return absl::InternalError(message); };
  } else {
    return ReadNumbers(word, line, file.behaviour);
  }
  return true;
}

absl::StatusOr<FakeFile> Read(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) return absl::NotFoundError(fmt::format("there is no file {}", path.string()));
  const std::string name = path.filename().string();
  std::string text;
  if (!std::getline(stream, text) || text != "fake-model") {
    return absl::InvalidArgumentError(fmt::format("{}: not a model file", name));
  }
  FakeFile file;
  for (int number = 2; std::getline(stream, text); ++number) {
    if (!text.empty() && !ReadLine(text, file)) {
      return absl::InvalidArgumentError(fmt::format("{}: damaged at line {}", name, number));
    }
  }
  return file;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> FakeLoader::ReadMetadata(
    const std::filesystem::path& file) {
  ACTIUM_ASSIGN_OR_RETURN(FakeFile content, Read(file));
  return std::move(content.metadata);
}

absl::StatusOr<std::shared_ptr<engine::LoadedModel>> FakeLoader::Load(
    const engine::LoadSpec& spec) {
  ACTIUM_ASSIGN_OR_RETURN(FakeFile content, Read(spec.file));
  if (!content.fail_load.empty()) return absl::InvalidArgumentError(content.fail_load);
  return std::make_shared<FakeModel>(spec.signature, std::move(content.behaviour));
}

absl::StatusOr<std::vector<tensor::TensorSpec>> FakeLoader::Probe(
    const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) {
  ACTIUM_RETURN_IF_ERROR(Read(file).status());
  if (inputs.empty() || inputs.front().shape.empty()) {
    return absl::InvalidArgumentError("the model needs an input with at least one dimension");
  }
  tensor::TensorSpec output{.name = "OUTPUT__0",
                            .dtype = tensor::DType::kFp32,
                            .shape = {inputs.front().shape.front(), 10}};
  return std::vector<tensor::TensorSpec>{std::move(output)};
}

}  // namespace actium::test
