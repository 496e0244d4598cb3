#include "tests/bench/served_model.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <random>

#include "inference/grpc_service.grpc.pb.h"
#include "server/base/status_macros.h"
#include "server/engine/made_up_numbers.h"
#include "server/tensor/shape.h"

namespace actium::bench {
namespace {

std::unique_ptr<::inference::GRPCInferenceService::Stub> StubOf(const std::string& address) {
  return ::inference::GRPCInferenceService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

using TensorMetadata = ::inference::ModelMetadataResponse::TensorMetadata;

absl::StatusOr<tensor::TensorSpec> SpecOf(const TensorMetadata& tensor) {
  const auto dtype = tensor::ParseDType(tensor.datatype());
  if (!dtype.has_value() || tensor.shape_size() == 0 || tensor.shape(0) != tensor::kAnySize) {
    return absl::InvalidArgumentError(
        fmt::format("tensor {}: no datatype that we know, or no batch dimension", tensor.name()));
  }
  return tensor::TensorSpec{
      tensor.name(), *dtype, {tensor.shape().begin() + 1, tensor.shape().end()}};
}

}  // namespace

absl::StatusOr<engine::Signature> SignatureOf(const std::string& address,
                                              const std::string& model) {
  grpc::ClientContext context;
  ::inference::ModelMetadataRequest request;
  ::inference::ModelMetadataResponse response;
  request.set_name(model);
  ACTIUM_RETURN_IF_ERROR(FromGrpc(StubOf(address)->ModelMetadata(&context, request, &response)));
  engine::Signature signature{.max_batch_size = 64, .inputs = {}, .outputs = {}};
  for (const TensorMetadata& tensor : response.inputs()) {
    ACTIUM_ASSIGN_OR_RETURN(signature.inputs.emplace_back(), SpecOf(tensor));
  }
  for (const TensorMetadata& tensor : response.outputs()) {
    ACTIUM_ASSIGN_OR_RETURN(signature.outputs.emplace_back(), SpecOf(tensor));
  }
  return signature;
}

::inference::ModelInferRequest OneRow(const std::string& model,
                                      const engine::Signature& signature) {
  ::inference::ModelInferRequest request;
  request.set_model_name(model);
  std::mt19937 random(1);
  const engine::BatchShape shapes = engine::BatchShapeOf(signature, 1);
  for (size_t i = 0; i < shapes.size(); ++i) {
    const tensor::TensorSpec& spec = signature.inputs[i];
    auto* input = request.add_inputs();
    input->set_name(spec.name);
    input->set_datatype(std::string(tensor::Name(spec.dtype)));
    input->mutable_shape()->Assign(shapes[i].begin(), shapes[i].end());
    std::string& contents = *request.add_raw_input_contents();
    contents.resize(static_cast<size_t>(tensor::ByteCount(spec.dtype, shapes[i]).value()));
    engine::MakeUpNumbers(spec.dtype, random, std::as_writable_bytes(std::span(contents)));
  }
  return request;
}

absl::StatusOr<Executed> ExecutedOf(const std::string& address, const std::string& model) {
  grpc::ClientContext context;
  ::inference::ModelStatisticsRequest request;
  ::inference::ModelStatisticsResponse response;
  request.set_name(model);
  ACTIUM_RETURN_IF_ERROR(FromGrpc(StubOf(address)->ModelStatistics(&context, request, &response)));
  Executed sum;
  for (const auto& version : response.model_stats()) {
    sum.batches += static_cast<int64_t>(version.execution_count());
    sum.rows += static_cast<int64_t>(version.inference_count());
  }
  return sum;
}

}  // namespace actium::bench
