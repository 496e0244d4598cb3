#include "server/rpc/check_wire.h"

#include <gmock/gmock.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

#include "inference/grpc_service.pb.h"
#include "tests/fuzz/requests.h"
#include "tests/support/status_matchers.h"

namespace actium::rpc {
namespace {

using ::inference::ModelInferRequest;
using test::StatusIs;
using ::testing::HasSubstr;

// block: bytes that the stream gives at once.
absl::Status Check(const std::string& wire, int block = -1) {
  google::protobuf::io::ArrayInputStream stream(wire.data(), static_cast<int>(wire.size()), block);
  return CheckWire(stream, *ModelInferRequest::descriptor());
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(CheckWireTest, PassesRequestsAsClientsSendThem) {
  for (const std::string& wire : test::SeedRequests()) {
    ACTIUM_EXPECT_OK(Check(wire));
    ACTIUM_EXPECT_OK(Check(wire, 1));
  }
}

TEST(CheckWireTest, NumbersAndRawContentsOfAnySizePass) {
  ModelInferRequest request;
  auto& input = *request.add_inputs();
  for (int i = 0; i < 100'000; ++i) {
    input.add_shape(1);
    input.mutable_contents()->add_fp32_contents(1);
  }
  request.add_raw_input_contents(std::string(1 << 20, 'x'));
  ACTIUM_EXPECT_OK(Check(request.SerializeAsString()));
}

TEST(CheckWireTest, RefusesWhatTakesFarMoreMemoryThanBytes) {
  const std::string field_99("\x9a\x06\x00", 3);
  const struct {
    const char* name;
    std::string element;
  } cases[] = {
      {"inputs", std::string("\x2a\x00", 2)},
      {"outputs", std::string("\x32\x00", 2)},
      {"parameters", std::string("\x22\x00", 2)},
      {"raw_input_contents", std::string("\x3a\x00", 2)},
      {"unknown fields", field_99},
      {"numbers where a message belongs", std::string("\x28\x00", 2)},
      {"numbers where a text belongs", std::string("\x08\x00", 2)},
  };
  for (const auto& [name, element] : cases) {
    SCOPED_TRACE(name);
    ACTIUM_EXPECT_OK(Check(Repeat(element, kMostWireObjects)));
    EXPECT_THAT(Check(Repeat(element, kMostWireObjects + 1)),
                StatusIs(kInvalid, HasSubstr("at most 16384")));
  }
}

TEST(CheckWireTest, CountsWhatIsInsideOfInputsToo) {
  ModelInferRequest request;
  auto& contents = *request.add_inputs()->mutable_contents();
  for (int i = 0; i < kMostWireObjects; ++i) contents.add_bytes_contents("");
  EXPECT_THAT(Check(request.SerializeAsString()), StatusIs(kInvalid, HasSubstr("at most 16384")));
}

TEST(CheckWireTest, RefusesWhatIsNoMessage) {
  for (const std::string& wire :
       {std::string("\x2a\x05\x0a", 3), std::string("\x2a", 1), std::string("\x00", 1),
        std::string("\x0b\x0c", 2),  // A group.
        std::string("\x2a\x02\x0a\x05xxxxx", 9), std::string(12, '\xff')}) {
    EXPECT_THAT(Check(wire), StatusIs(kInvalid, HasSubstr("no inference.ModelInferRequest")));
    EXPECT_THAT(Check(wire, 1), StatusIs(kInvalid, HasSubstr("no inference.ModelInferRequest")));
  }
}

}  // namespace
}  // namespace actium::rpc
