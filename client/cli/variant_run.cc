#include "client/cli/variant_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "actium/tensors.h"
#include "client/cli/exit_status.h"

namespace actium::cli {

bool TakesImages(const inference::ModelMetadataResponse& metadata, const TestImages& images) {
  if (metadata.inputs_size() != 1 || metadata.outputs_size() < 1) return false;
  const auto& input = metadata.inputs(0);
  const int64_t wanted[] = {1, images.height, images.width};
  return input.datatype() == "UINT8" && input.shape_size() == 4 &&
         std::equal(input.shape().begin() + 1, input.shape().end(), std::begin(wanted));
}

VariantRun::VariantRun(client::Client& server, const TestImages& images, std::string model,
                       std::string input, std::string output)
    : server_(server),
      images_(images),
      model_(std::move(model)),
      input_(std::move(input)),
      output_(std::move(output)),
      before_(ReadBatchCounter(server, model_)) {}

void VariantRun::Send(int64_t first, int64_t last, int concurrency,
                      const std::function<void(int64_t)>& on_progress) {
  ClosedLoop loop;
  loop.concurrency = concurrency;
  loop.requests = last - first;
  loop.on_progress = on_progress;
  load_.Merge(RunClosedLoop(loop, [&](int64_t number, std::function<void(absl::Status)> done) {
    server_.InferAsync(MakeRequest(first + number),
                       [this, image = first + number, done = std::move(done)](const auto& answer) {
                         done(answer.ok() ? Judge(*answer, image) : answer.status());
                       });
  }));
  after_ = ReadBatchCounter(server_, model_);
}

std::shared_ptr<const inference::ModelInferRequest> VariantRun::MakeRequest(int64_t number) const {
  auto request = std::make_shared<inference::ModelInferRequest>();
  request->set_model_name(model_);
  auto* input = request->add_inputs();
  input->set_name(input_);
  input->set_datatype("UINT8");
  for (const int64_t size : {int64_t{1}, int64_t{1}, images_.height, images_.width}) {
    input->add_shape(size);
  }
  request->add_raw_input_contents(std::string(images_.image(number)));
  return request;
}

absl::Status VariantRun::Judge(const inference::ModelInferResponse& response, int64_t number) {
  const auto values = client::OutputValues<float>(response, output_);
  if (!values.ok()) return values.status();
  if (values->empty()) return absl::InvalidArgumentError("the answer has no values");
  const auto best = std::max_element(values->begin(), values->end()) - values->begin();
  if (best == images_.classes[static_cast<size_t>(number)]) ++right_;
  return absl::OkStatus();
}

double VariantRun::accuracy() const {
  if (load_.succeeded() == 0) return 0;
  return static_cast<double>(right_) / static_cast<double>(load_.succeeded());
}

absl::StatusOr<std::vector<std::unique_ptr<VariantRun>>> FindVariants(client::Client& server,
                                                                      const TestImages& images) {
  const auto index = server.RepositoryIndex();
  if (!index.ok()) return Annotate(index.status(), "server " + server.address());
  std::set<std::string> names;  // A model may have several versions.
  for (const auto& entry : index->models()) {
    if (entry.state() == "READY") names.insert(entry.name());
  }
  std::vector<std::unique_ptr<VariantRun>> variants;
  for (const std::string& name : names) {
    const auto metadata = server.ModelMetadata(name);
    if (!metadata.ok()) return Annotate(metadata.status(), fmt::format("model '{}'", name));
    if (!TakesImages(*metadata, images)) continue;
    variants.push_back(std::make_unique<VariantRun>(
        server, images, name, metadata->inputs(0).name(), metadata->outputs(0).name()));
  }
  if (variants.empty()) {
    return absl::NotFoundError(
        fmt::format("no model is ready that takes UINT8 of [1, {}, {}]; see `actium models`",
                    images.height, images.width));
  }
  return variants;
}

}  // namespace actium::cli
