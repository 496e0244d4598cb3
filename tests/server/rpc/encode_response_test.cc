#include "server/rpc/encode_response.h"

#include <gmock/gmock.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <string>
#include <vector>

#include "inference/grpc_service.pb.h"

namespace actium::rpc {
namespace {

using ::inference::ModelInferResponse;
using ::testing::ElementsAre;

batching::InferResponse Answer(const std::vector<std::string>& contents) {
  auto served_by = std::make_shared<observe::ModelRef>();
  served_by->model = "mish";
  served_by->version = 3;
  batching::InferResponse response;
  response.served_by = served_by;
  for (size_t i = 0; i < contents.size(); ++i) {
    response.outputs.push_back({.name = "y" + std::to_string(i),
                                .dtype = tensor::DType::kUint8,
                                .shape = {1, static_cast<int64_t>(contents[i].size())},
                                .bytes = contents[i]});
  }
  return response;
}

ModelInferResponse Parse(grpc::ByteBuffer buffer) {
  grpc::ProtoBufferReader reader(&buffer);
  ModelInferResponse message;
  EXPECT_TRUE(message.ParseFromZeroCopyStream(&reader));
  return message;
}

TEST(EncodeResponseTest, WritesModelIdParametersAndOutputs) {
  batching::InferResponse response = Answer({"abc"});
  response.parameters = {{"flag", true}, {"number", int64_t{-5}}, {"text", std::string("t")}};
  const ModelInferResponse message = Parse(EncodeResponse(std::move(response), "r-1"));
  EXPECT_EQ(message.model_name(), "mish");
  EXPECT_EQ(message.model_version(), "3");
  EXPECT_EQ(message.id(), "r-1");
  EXPECT_TRUE(message.parameters().at("flag").bool_param());
  EXPECT_EQ(message.parameters().at("number").int64_param(), -5);
  EXPECT_EQ(message.parameters().at("text").string_param(), "t");
  ASSERT_EQ(message.outputs_size(), 1);
  EXPECT_EQ(message.outputs(0).name(), "y0");
  EXPECT_EQ(message.outputs(0).datatype(), "UINT8");
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(1, 3));
  EXPECT_THAT(message.raw_output_contents(), ElementsAre("abc"));
}

// Small outputs are copied beside each other, large ones are slices of their own: every mixture
// must read the same.
TEST(EncodeResponseTest, ContentsKeepTheirOrderAtEverySize) {
  const std::vector<size_t> sizes = {0, 1, 127, 128, 4095, 4096, 4097, 100'000};
  for (const size_t first : sizes) {
    for (const size_t second : sizes) {
      const std::vector<std::string> contents = {std::string(first, 'a'), std::string(second, 'b'),
                                                 "end"};
      const ModelInferResponse message = Parse(EncodeResponse(Answer(contents), ""));
      EXPECT_THAT(message.raw_output_contents(), ::testing::ElementsAreArray(contents));
    }
  }
}

TEST(EncodeResponseTest, AnAnswerWithoutAnythingIsAnEmptyMessage) {
  const ModelInferResponse message = Parse(EncodeResponse({}, ""));
  EXPECT_EQ(message.ByteSizeLong(), 0u);
}

}  // namespace
}  // namespace actium::rpc
