#include "tests/fuzz/requests.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <iterator>

#include "server/base/status_macros.h"
#include "server/inference/validate_request.h"
#include "server/rpc/check_wire.h"
#include "server/rpc/decode_request.h"

namespace actium::test {
namespace {

using ::inference::ModelInferRequest;
using Random = std::mt19937_64;

ModelInferRequest RawRequest() {
  ModelInferRequest request;
  request.set_model_name("image");
  request.set_model_version("3");
  request.set_id("r-1");
  (*request.mutable_parameters())["timeout"].set_int64_param(5000);
  auto& image = *request.add_inputs();
  image.set_name("image");
  image.set_datatype("UINT8");
  for (const int64_t size : {2, 1, 2, 2}) image.add_shape(size);
  auto& scale = *request.add_inputs();
  scale.set_name("scale");
  scale.set_datatype("FP32");
  scale.add_shape(2);
  scale.add_shape(1);
  request.add_raw_input_contents("abcdefgh");
  request.add_raw_input_contents(std::string(8, '\0'));
  auto& output = *request.add_outputs();
  output.set_name("logits");
  (*output.mutable_parameters())["classification"].set_int64_param(3);
  return request;
}

ModelInferRequest TypedRequest() {
  ModelInferRequest request = RawRequest();
  request.clear_raw_input_contents();
  for (uint32_t i = 0; i < 8; ++i) {
    request.mutable_inputs(0)->mutable_contents()->add_uint_contents(i * 36);
  }
  for (const float value : {1.0f, -1.0f}) {
    request.mutable_inputs(1)->mutable_contents()->add_fp32_contents(value);
  }
  return request;
}

// One typed field of each kind, in inputs that the model does not have.
ModelInferRequest EveryTypedField() {
  ModelInferRequest request;
  request.set_model_name("image");
  for (const char* datatype : {"BOOL", "INT8", "INT16", "INT32", "INT64", "UINT16", "UINT32",
                               "UINT64", "FP16", "BF16", "FP64", "BYTES"}) {
    auto& input = *request.add_inputs();
    input.set_name(datatype);
    input.set_datatype(datatype);
    input.add_shape(1);
    auto& contents = *input.mutable_contents();
    const int kind = request.inputs_size() % 6;
    if (kind == 0) contents.add_bool_contents(true);
    if (kind == 1) contents.add_int_contents(-5);
    if (kind == 2) contents.add_int64_contents(INT64_MIN);
    if (kind == 3) contents.add_uint64_contents(UINT64_MAX);
    if (kind == 4) contents.add_fp64_contents(0.5);
    if (kind == 5) contents.add_bytes_contents("text");
  }
  return request;
}

size_t Below(size_t limit, Random& random) {
  return limit == 0 ? 0 : static_cast<size_t>(random() % limit);
}

// Writes one of the values that lengths and numbers break at.
void PutExtreme(std::string& payload, size_t at, Random& random) {
  static const std::string kExtremes[] = {{"\x00", 1},
                                          {"\x7f", 1},
                                          {"\xff\x01", 2},
                                          {"\xff\xff\xff\xff\x07", 5},
                                          {"\xff\xff\xff\xff\x0f", 5},
                                          {"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9},
                                          {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}};
  const std::string& value = kExtremes[Below(std::size(kExtremes), random)];
  payload.replace(at, std::min(value.size(), payload.size() - at), value);
}

void ChangeOnce(std::string& payload, const std::string& other, Random& random) {
  const size_t at = Below(payload.size(), random);
  const size_t length = Below(std::min<size_t>(payload.size() - at, 16), random) + 1;
  switch (random() % 7) {
    case 0:
      if (!payload.empty()) payload[at] = static_cast<char>(payload[at] ^ (1 << random() % 8));
      break;
    case 1:
      payload.insert(at, 1, static_cast<char>(random()));
      break;
    case 2:
      payload.erase(at, length);
      break;
    case 3:
      payload.insert(at, payload.substr(at, length));
      break;
    case 4:
      payload.resize(at);
      break;
    case 5:
      PutExtreme(payload, at, random);
      break;
    default:
      payload = payload.substr(0, at) + other.substr(Below(other.size(), random));
      break;
  }
}

// Whatever is refused is the caller's fault, said in a text that fits a status.
void CheckRefusal(const absl::Status& status) {
  ACTIUM_CHECK(absl::IsInvalidArgument(status) || absl::IsUnimplemented(status));
  ACTIUM_CHECK(!status.message().empty() && status.message().size() < 4096);
}

void CheckAccepted(const batching::InferRequest& request,
                   const inference::CheckedRequest& checked) {
  ACTIUM_CHECK(checked.rows >= 1 && checked.rows <= FuzzedSignature().max_batch_size);
  unsigned sum = 0;
  for (const batching::InputView& input : request.inputs) {
    size_t bytes = 0;
    for (const batching::Piece& piece : input.pieces) {
      bytes += piece.bytes.size();
      for (const std::byte byte : piece.bytes) sum += static_cast<unsigned>(byte);
    }
    const auto expected = tensor::ByteCount(input.dtype, input.shape);
    ACTIUM_CHECK(expected.has_value() && static_cast<size_t>(*expected) == bytes);
  }
  // Keeps the reads above from being left out.
  volatile unsigned read = sum;
  static_cast<void>(read);
}

}  // namespace

engine::Signature FuzzedSignature() {
  return {.max_batch_size = 8,
          .inputs = {{.name = "image", .dtype = tensor::DType::kUint8, .shape = {1, 2, 2}},
                     {.name = "scale", .dtype = tensor::DType::kFp32, .shape = {tensor::kAnySize}}},
          .outputs = {{.name = "logits", .dtype = tensor::DType::kFp32, .shape = {10}}}};
}

std::vector<std::string> SeedRequests() {
  ModelInferRequest one_input = RawRequest();
  one_input.mutable_inputs()->RemoveLast();
  one_input.mutable_raw_input_contents()->RemoveLast();
  return {RawRequest().SerializeAsString(), TypedRequest().SerializeAsString(),
          EveryTypedField().SerializeAsString(), one_input.SerializeAsString(), std::string()};
}

std::string Mutate(const std::string& payload, const std::string& other, Random& random) {
  std::string changed = payload;
  const uint64_t changes = random() % 4 + 1;
  for (uint64_t i = 0; i < changes; ++i) ChangeOnce(changed, other, random);
  return changed;
}

bool CheckPayload(std::string_view payload) {
  // As the server does: protobuf's own lines about each bad message would hide what matters.
  static const auto silenced = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(silenced);
  google::protobuf::io::ArrayInputStream wire(payload.data(), static_cast<int>(payload.size()));
  if (const absl::Status status =
          rpc::CheckWire(wire, *::inference::ModelInferRequest::descriptor());
      !status.ok()) {
    CheckRefusal(status);
    return false;
  }
  rpc::ReceivedRequest received;
  if (!received.message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return false;
  }
  const auto request = rpc::DecodeRequest(received);
  if (!request.ok()) {
    CheckRefusal(request.status());
    return false;
  }
  const auto checked = inference::CheckRequest(FuzzedSignature(), *request);
  if (!checked.ok()) {
    CheckRefusal(checked.status());
    return false;
  }
  CheckAccepted(*request, *checked);
  return true;
}

}  // namespace actium::test
