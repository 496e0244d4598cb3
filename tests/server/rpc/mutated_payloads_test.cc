// Hostile payloads over a real socket; with ASan (preset asan) they are the acceptance's table of
// mutated payloads.
#include <gmock/gmock.h>

#include "tests/fuzz/requests.h"
#include "tests/server/rpc/server_fixture.h"

namespace actium::test {
namespace {

using Code = grpc::StatusCode;

class MutatedPayloadsTest : public ServerFixture {};

TEST_F(MutatedPayloadsTest, TwoThousandAreAnsweredAndTheServerStaysHealthy) {
  Start();
  std::mt19937_64 random(2);
  std::vector<std::string> seeds = SeedRequests();
  seeds.push_back(ImageRequest("image").SerializeAsString());
  for (int i = 0; i < 2000; ++i) {
    const std::string payload =
        Mutate(seeds[random() % seeds.size()], seeds[random() % seeds.size()], random);
    const grpc::Status status = CallRaw("/inference.GRPCInferenceService/ModelInfer", payload);
    // A mutated name may be of no model, a mutated timeout may pass; none of it is our fault.
    EXPECT_THAT(status.error_code(),
                ::testing::AnyOf(Code::OK, Code::INVALID_ARGUMENT, Code::NOT_FOUND,
                                 Code::UNIMPLEMENTED, Code::DEADLINE_EXCEEDED))
        << status.error_message();
    EXPECT_LT(status.error_message().size(), 4096u);
  }
  EXPECT_TRUE(Infer(ImageRequest("image")).ok());
}

}  // namespace
}  // namespace actium::test
