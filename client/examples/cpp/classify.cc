// Sends one picture's raw bytes to a model and prints the best classes.
//
// Usage: actium-example-classify ADDRESS MODEL FILE
//
// FILE holds exactly as many bytes as the model's only input takes, as 784 for UINT8 [1,28,28].
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"

namespace {

int Fail(const absl::Status& status) {
  std::cerr << status << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "Usage: " << argv[0] << " ADDRESS MODEL FILE\n";
    return 2;
  }
  std::ifstream file(argv[3], std::ios::binary);
  const std::vector<uint8_t> pixels{std::istreambuf_iterator<char>(file), {}};

  actium::client::ClientOptions options;
  options.address = argv[1];
  options.timeout = std::chrono::seconds(10);
  const auto client = actium::client::Client::Create(options);
  if (!client.ok()) return Fail(client.status());

  // The model says what it takes: -1 is the batch, of which this is one row.
  const auto metadata = (*client)->ModelMetadata(argv[2]);
  if (!metadata.ok()) return Fail(metadata.status());
  std::vector<int64_t> shape(metadata->inputs(0).shape().begin(),
                             metadata->inputs(0).shape().end());
  shape[0] = 1;

  inference::ModelInferRequest request;
  request.set_model_name(argv[2]);
  const absl::Status added =
      actium::client::AddInput<uint8_t>(request, metadata->inputs(0).name(), shape, pixels);
  if (!added.ok()) return Fail(added);
  const std::string& output = metadata->outputs(0).name();
  actium::client::RequestOutput(request, output, /*classification=*/3);

  const auto answer = (*client)->Infer(request);
  if (!answer.ok()) return Fail(answer.status());
  const auto classes = actium::client::OutputClasses(*answer, output);
  if (!classes.ok()) return Fail(classes.status());
  for (const actium::client::Class& entry : classes->front()) {
    std::cout << entry.index << ' ' << entry.score << ' ' << entry.label << '\n';
  }
  return 0;
}
