#include "server/rpc/encode_response.h"

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/slice.h>

#include <utility>
#include <vector>

#include "inference/grpc_service.pb.h"

namespace actium::rpc {
namespace {

using google::protobuf::io::CodedOutputStream;
using ::inference::InferParameter;
using ::inference::ModelInferResponse;

// Below this, copying an output beside its neighbours is cheaper than a slice of its own: a
// reference-counted slice costs two allocations and an entry in the socket's write.
constexpr size_t kSmallestOwnSlice = 4096;

// The tag of `repeated bytes raw_output_contents`: field number, wire type 2 (length-delimited).
constexpr uint32_t kRawTag = ModelInferResponse::kRawOutputContentsFieldNumber << 3 | 2;

struct SetParameter {
  InferParameter& to;
  void operator()(bool value) const { to.set_bool_param(value); }
  void operator()(int64_t value) const { to.set_int64_param(value); }
  void operator()(uint64_t value) const { to.set_uint64_param(value); }
  void operator()(double value) const { to.set_double_param(value); }
  void operator()(const std::string& value) const { to.set_string_param(value); }
};

// Everything of the answer but its contents.
ModelInferResponse Head(const batching::InferResponse& response, std::string_view id) {
  ModelInferResponse head;
  head.set_id(std::string(id));
  if (response.served_by != nullptr) {
    head.set_model_name(response.served_by->model);
    head.set_model_version(std::to_string(response.served_by->version));
  }
  for (const auto& [name, value] : response.parameters) {
    std::visit(SetParameter{(*head.mutable_parameters())[name]}, value);
  }
  for (const batching::OutputTensor& output : response.outputs) {
    auto& tensor = *head.add_outputs();
    tensor.set_name(output.name);
    tensor.set_datatype(std::string(tensor::Name(output.dtype)));
    tensor.mutable_shape()->Add(output.shape.begin(), output.shape.end());
  }
  return head;
}

void AppendRawHeader(size_t bytes, std::string& out) {
  uint8_t buffer[16];  // Two varints: one byte of tag, at most ten of length.
  uint8_t* end = CodedOutputStream::WriteVarint32ToArray(kRawTag, buffer);
  end = CodedOutputStream::WriteVarint64ToArray(bytes, end);
  out.append(reinterpret_cast<const char*>(buffer), static_cast<size_t>(end - buffer));
}

// A slice that owns the string.
grpc::Slice OwningSlice(std::string bytes) {
  auto* const owned = new std::string(std::move(bytes));
  return grpc::Slice(
      owned->data(), owned->size(), [](void* string) { delete static_cast<std::string*>(string); },
      owned);
}

}  // namespace

grpc::ByteBuffer EncodeResponse(batching::InferResponse response, std::string_view id) {
  // A message is its fields one after another in any order, so the contents may follow the head
  // without being part of the message object.
  std::string open = Head(response, id).SerializeAsString();
  absl::InlinedVector<grpc::Slice, 4> slices;
  for (batching::OutputTensor& output : response.outputs) {
    AppendRawHeader(output.bytes.size(), open);
    if (output.bytes.size() < kSmallestOwnSlice) {
      open += output.bytes;
      continue;
    }
    slices.emplace_back(open);
    open.clear();
    slices.push_back(OwningSlice(std::move(output.bytes)));
  }
  if (!open.empty() || slices.empty()) slices.emplace_back(open);
  return grpc::ByteBuffer(slices.data(), slices.size());
}

}  // namespace actium::rpc
