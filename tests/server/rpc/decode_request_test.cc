#include "server/rpc/decode_request.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace actium::rpc {
namespace {

using batching::InferRequest;
using ::inference::InferTensorContents;
using ::inference::ModelInferRequest;
using tensor::DType;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelInferRequest RawMessage() {
  ModelInferRequest message;
  message.set_model_name("mish");
  message.set_id("r-1");
  auto& input = *message.add_inputs();
  input.set_name("image");
  input.set_datatype("UINT8");
  input.add_shape(1);
  input.add_shape(3);
  message.add_raw_input_contents("abc");
  return message;
}

// A message with one input of typed contents.
ModelInferRequest TypedMessage(const std::string& datatype, const InferTensorContents& contents) {
  ModelInferRequest message = RawMessage();
  message.clear_raw_input_contents();
  message.mutable_inputs(0)->set_datatype(datatype);
  *message.mutable_inputs(0)->mutable_contents() = contents;
  return message;
}

template <class T>
std::vector<T> Values(const batching::InputView& input) {
  const auto bytes = input.pieces.at(0).bytes;
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

TEST(DecodeRequestTest, ReadsEverythingOfARawRequest) {
  ReceivedRequest received{.message = RawMessage(), .converted = {}};
  received.message.set_model_version("7");
  auto& parameters = *received.message.mutable_parameters();
  parameters["timeout"].set_int64_param(1500);
  parameters["flag"].set_bool_param(true);
  auto& output = *received.message.add_outputs();
  output.set_name("logits");
  (*output.mutable_parameters())["classification"].set_int64_param(3);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferRequest request, DecodeRequest(received));
  EXPECT_EQ(request.id, "r-1");
  EXPECT_EQ(request.model, "mish");
  EXPECT_EQ(request.version, 7);
  EXPECT_EQ(request.timeout, std::chrono::microseconds(1500));
  EXPECT_EQ(std::get<bool>(request.parameters.at("flag")), true);
  ASSERT_EQ(request.inputs.size(), 1u);
  EXPECT_EQ(request.inputs[0].name, "image");
  EXPECT_EQ(request.inputs[0].dtype, DType::kUint8);
  EXPECT_THAT(request.inputs[0].shape, ElementsAre(1, 3));
  ASSERT_EQ(request.outputs.size(), 1u);
  EXPECT_EQ(request.outputs[0].name, "logits");
  EXPECT_EQ(request.outputs[0].classification, 3);
}

TEST(DecodeRequestTest, RawContentsAreViewsOfTheMessage) {
  ReceivedRequest received{.message = RawMessage(), .converted = {}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferRequest request, DecodeRequest(received));
  const auto bytes = request.inputs[0].pieces.at(0).bytes;
  EXPECT_EQ(static_cast<const void*>(bytes.data()),
            static_cast<const void*>(received.message.raw_input_contents(0).data()));
  EXPECT_EQ(bytes.size(), 3u);
}

TEST(DecodeRequestTest, TypedContentsOfTheSameWidthAreViewsToo) {
  InferTensorContents contents;
  for (const float value : {1.5f, -2.0f}) contents.add_fp32_contents(value);
  ReceivedRequest received{.message = TypedMessage("FP32", contents), .converted = {}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferRequest request, DecodeRequest(received));
  EXPECT_THAT(Values<float>(request.inputs[0]), ElementsAre(1.5f, -2.0f));
  EXPECT_TRUE(received.converted.empty());
}

TEST(DecodeRequestTest, ReadsTypedContentsOfEveryType) {
  InferTensorContents bools, ints, int64s, uints, uint64s, doubles;
  for (const bool value : {true, false}) bools.add_bool_contents(value);
  for (const int value : {-128, 127}) ints.add_int_contents(value);
  int64s.add_int64_contents(INT64_MIN);
  for (const unsigned value : {0u, 255u}) uints.add_uint_contents(value);
  uint64s.add_uint64_contents(UINT64_MAX);
  doubles.add_fp64_contents(0.1);
  const auto decode = [](const std::string& datatype, const InferTensorContents& contents,
                         auto check) {
    ReceivedRequest received{.message = TypedMessage(datatype, contents), .converted = {}};
    ACTIUM_ASSERT_OK_AND_ASSIGN(const InferRequest request, DecodeRequest(received));
    check(request.inputs[0]);
  };
  decode("BOOL", bools, [](auto& in) { EXPECT_THAT(Values<uint8_t>(in), ElementsAre(1, 0)); });
  decode("INT8", ints, [](auto& in) { EXPECT_THAT(Values<int8_t>(in), ElementsAre(-128, 127)); });
  decode("INT16", ints, [](auto& in) { EXPECT_THAT(Values<int16_t>(in), ElementsAre(-128, 127)); });
  decode("INT32", ints, [](auto& in) { EXPECT_THAT(Values<int32_t>(in), ElementsAre(-128, 127)); });
  decode("INT64", int64s,
         [](auto& in) { EXPECT_THAT(Values<int64_t>(in), ElementsAre(INT64_MIN)); });
  decode("UINT8", uints, [](auto& in) { EXPECT_THAT(Values<uint8_t>(in), ElementsAre(0, 255)); });
  decode("UINT16", uints, [](auto& in) { EXPECT_THAT(Values<uint16_t>(in), ElementsAre(0, 255)); });
  decode("UINT32", uints, [](auto& in) { EXPECT_THAT(Values<uint32_t>(in), ElementsAre(0, 255)); });
  decode("UINT64", uint64s,
         [](auto& in) { EXPECT_THAT(Values<uint64_t>(in), ElementsAre(UINT64_MAX)); });
  decode("FP64", doubles, [](auto& in) { EXPECT_THAT(Values<double>(in), ElementsAre(0.1)); });
}

TEST(DecodeRequestTest, ManySmallConvertedInputsKeepTheirPlaces) {
  ReceivedRequest received;
  received.message.set_model_name("m");
  for (int i = 0; i < 100; ++i) {
    auto& input = *received.message.add_inputs();
    input.set_name("x" + std::to_string(i));
    input.set_datatype("UINT8");
    input.add_shape(1);
    input.mutable_contents()->add_uint_contents(static_cast<uint32_t>(i));
  }
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferRequest request, DecodeRequest(received));
  for (size_t i = 0; i < 100; ++i) EXPECT_THAT(Values<uint8_t>(request.inputs[i]), ElementsAre(i));
}

struct BadCase {
  std::string name;
  void (*spoil)(ModelInferRequest&);
  std::string message;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
};

void Typed(ModelInferRequest& message, const std::string& datatype,
           void (*fill)(InferTensorContents&)) {
  message.clear_raw_input_contents();
  message.mutable_inputs(0)->set_datatype(datatype);
  fill(*message.mutable_inputs(0)->mutable_contents());
}

class BadMessageTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadMessageTest, IsRefusedAndNamesTheField) {
  ReceivedRequest received{.message = RawMessage(), .converted = {}};
  GetParam().spoil(received.message);
  const auto request = DecodeRequest(received);
  EXPECT_THAT(request, StatusIs(GetParam().code, HasSubstr(GetParam().message)));
  EXPECT_LT(request.status().message().size(), 1024u);
}

using M = ModelInferRequest;
using C = InferTensorContents;

INSTANTIATE_TEST_SUITE_P(
    Table, BadMessageTest,
    ::testing::Values(
        BadCase{"NoModel", [](M& m) { m.clear_model_name(); },
                "the name of the model must not be empty"},
        BadCase{"LongModelName", [](M& m) { m.set_model_name(std::string(100'000, 'm')); },
                "the name of the model must be at most 1024 bytes, got 100000"},
        BadCase{"LongId", [](M& m) { m.set_id(std::string(2000, 'i')); },
                "id must be at most 1024 bytes, got 2000"},
        BadCase{"VersionIsNoNumber", [](M& m) { m.set_model_version("latest"); },
                "the model version must be a whole number, at least 1, got 'latest'"},
        BadCase{"VersionIsZero", [](M& m) { m.set_model_version("0"); }, "got '0'"},
        BadCase{"VersionOverflows", [](M& m) { m.set_model_version("99999999999999999999"); },
                "got '99999999999999999999'"},
        BadCase{"NoInputName", [](M& m) { m.mutable_inputs(0)->clear_name(); },
                "the name of an input must not be empty"},
        BadCase{"UnknownType", [](M& m) { m.mutable_inputs(0)->set_datatype("FP31"); },
                "input 'image': datatype must be one of the protocol's, got 'FP31'"},
        BadCase{"TooManyDimensions",
                [](M& m) {
                  for (int i = 0; i < 40; ++i) m.mutable_inputs(0)->add_shape(1);
                },
                "input 'image': shape must have at most 32 dimensions, got 42"},
        BadCase{"RawForTwoInputs", [](M& m) { m.add_raw_input_contents("x"); },
                "raw_input_contents must have one entry for each of the 1 inputs, got 2"},
        BadCase{"RawAndTyped",
                [](M& m) { m.mutable_inputs(0)->mutable_contents()->add_uint_contents(1); },
                "input 'image': contents and raw_input_contents must not be given together"},
        BadCase{"TypedInTheWrongField",
                [](M& m) { Typed(m, "FP32", [](C& c) { c.add_int_contents(1); }); },
                "input 'image': contents of FP32 must be in fp32_contents, got int_contents"},
        BadCase{"TypedInTwoFields",
                [](M& m) {
                  Typed(m, "INT8", [](C& c) {
                    c.add_int_contents(1);
                    c.add_bytes_contents("1");
                  });
                },
                "input 'image': contents of INT8 must be in int_contents, got bytes_contents"},
        BadCase{"TypedHalf", [](M& m) { Typed(m, "FP16", [](C& c) { c.add_fp32_contents(1); }); },
                "input 'image': contents of FP16 must be in raw_input_contents"},
        BadCase{"Uint8TooLarge",
                [](M& m) { Typed(m, "UINT8", [](C& c) { c.add_uint_contents(256); }); },
                "input 'image': uint_contents of UINT8 must be in [0, 255], got 256"},
        BadCase{"Int8TooSmall",
                [](M& m) { Typed(m, "INT8", [](C& c) { c.add_int_contents(-129); }); },
                "input 'image': int_contents of INT8 must be in [-128, 127], got -129"},
        BadCase{"Uint16TooLarge",
                [](M& m) { Typed(m, "UINT16", [](C& c) { c.add_uint_contents(1 << 16); }); },
                "input 'image': uint_contents of UINT16 must be in [0, 65535], got 65536"},
        BadCase{"TimeoutIsText",
                [](M& m) { (*m.mutable_parameters())["timeout"].set_string_param("5"); },
                "parameter 'timeout' must be a whole number of microseconds, at least 0"},
        BadCase{"TimeoutIsNegative",
                [](M& m) { (*m.mutable_parameters())["timeout"].set_int64_param(-1); },
                "parameter 'timeout' must be a whole number of microseconds, at least 0"},
        BadCase{"ParameterWithoutValue", [](M& m) { (*m.mutable_parameters())["p"]; },
                "parameter 'p' has no value"},
        BadCase{
            "ParameterTooLong",
            [](M& m) { (*m.mutable_parameters())["p"].set_string_param(std::string(5000, 'x')); },
            "parameter 'p': text must be at most 4096 bytes, got 5000"},
        BadCase{"TooManyParameters",
                [](M& m) {
                  for (int i = 0; i < 65; ++i) {
                    (*m.mutable_parameters())[std::to_string(i)].set_bool_param(true);
                  }
                },
                "parameters must be at most 64, got 65"},
        BadCase{"TooManyParametersOfAnInput",
                [](M& m) {
                  auto& parameters = *m.mutable_inputs(0)->mutable_parameters();
                  for (int i = 0; i < 65; ++i) parameters[std::to_string(i)].set_bool_param(true);
                },
                "input 'image': parameters must be at most 64, got 65"},
        BadCase{"ClassificationIsZero",
                [](M& m) {
                  auto& output = *m.add_outputs();
                  output.set_name("logits");
                  (*output.mutable_parameters())["classification"].set_int64_param(0);
                },
                "output 'logits': classification must be a whole number, at least 1"},
        BadCase{"SharedMemory",
                [](M& m) {
                  auto& parameters = *m.mutable_inputs(0)->mutable_parameters();
                  parameters["shared_memory_region"].set_string_param("r");
                },
                "input 'image': this server takes no tensors in shared memory",
                absl::StatusCode::kUnimplemented}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace actium::rpc
