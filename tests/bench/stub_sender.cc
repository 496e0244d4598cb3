#include "tests/bench/stub_sender.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace actium::bench {
namespace {

// What a call needs until it is answered.
struct Call {
  grpc::ClientContext context;
  ::inference::ModelInferResponse response;
};

}  // namespace

StubSender::StubSender(const std::string& address, const ::inference::ModelInferRequest& request,
                       int concurrency)
    : request_(request) {
  const int most = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int i = 0; i < std::min(concurrency, most); ++i) {
    grpc::ChannelArguments arguments;  // Channels with a pool of their own share no connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs_.push_back(::inference::GRPCInferenceService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
}

void StubSender::operator()(int64_t number, std::function<void(absl::Status)> done) const {
  auto* call = new Call;
  stubs_[static_cast<size_t>(number) % stubs_.size()]->async()->ModelInfer(
      &call->context, &request_, &call->response,
      [call, done = std::move(done)](const grpc::Status& status) {
        // Before the answer is known elsewhere: a context that outlives the last stub would end its
        // channel on this thread, which is the channel's own.
        delete call;
        done(status.ok() ? absl::OkStatus()
                         : absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                        status.error_message()));
      });
}

}  // namespace actium::bench
