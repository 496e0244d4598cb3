#ifndef ACTIUM_CLIENT_SRC_CONNECTION_H_
#define ACTIUM_CLIENT_SRC_CONNECTION_H_

#include <grpcpp/channel.h>

#include <future>
#include <memory>
#include <utility>

#include "actium/client.h"
#include "actium/v1/comparison.grpc.pb.h"
#include "actium/v1/introspection.grpc.pb.h"
#include "client/src/call.h"
#include "inference/grpc_service.grpc.pb.h"

namespace actium::client {

/// The channel of a Client, its stubs and what its calls share. Thread-safe. Calls in flight keep
/// it alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<grpc::Channel> channel, const ClientOptions& options,
             Surroundings surroundings)
      : shared_(std::make_shared<CallContext>(options, std::move(surroundings))),
        inference_(inference::GRPCInferenceService::NewStub(channel)),
        introspection_(v1::IntrospectionService::NewStub(channel)),
        comparison_(v1::ComparisonService::NewStub(channel)) {}

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits for the calls in flight. gRPC joins its threads with the last channel that is destroyed;
  /// a call that outlived the connection would have one of these threads join itself.
  ~Connection() { shared_->in_flight.WaitForNone(); }

  const ClientOptions& options() const { return shared_->options; }

  /// For its streams, which wait on the caller's thread.
  v1::ComparisonService::StubInterface& comparison() { return *comparison_; }

  /// Starts a call. method: of the stub's async interface, as &InferenceMethods::ModelInfer.
  template <class Methods, class Request, class Response>
  void Start(void (Methods::*method)(grpc::ClientContext*, const Request*, Response*,
                                     std::function<void(grpc::Status)>),
             std::shared_ptr<const Request> request, Callback<Response> callback,
             const CallOptions& options) {
    auto begin = [this, method](grpc::ClientContext* context, const Request* sent,
                                Response* response, std::function<void(grpc::Status)> done) {
      (methods(static_cast<Methods*>(nullptr))->*method)(context, sent, response, std::move(done));
    };
    std::make_shared<Call<Request, Response>>(shared_, options, std::move(begin),
                                              std::move(request), std::move(callback))
        ->Start();
  }

  /// Makes a call and waits for its answer.
  template <class Methods, class Request, class Response>
  absl::StatusOr<Response> Wait(void (Methods::*method)(grpc::ClientContext*, const Request*,
                                                        Response*,
                                                        std::function<void(grpc::Status)>),
                                const Request& request, const CallOptions& options) {
    std::promise<absl::StatusOr<Response>> answer;
    // Not owned: this function outlives the call.
    std::shared_ptr<const Request> borrowed(std::shared_ptr<const void>(), &request);
    Start<Methods, Request, Response>(
        method, std::move(borrowed),
        [&answer](absl::StatusOr<Response> response) { answer.set_value(std::move(response)); },
        options);
    return answer.get_future().get();
  }

 private:
  using InferenceMethods = inference::GRPCInferenceService::StubInterface::async_interface;
  using IntrospectionMethods = v1::IntrospectionService::StubInterface::async_interface;

  // Chooses the stub by the type of the methods.
  InferenceMethods* methods(InferenceMethods*) { return inference_->async(); }
  IntrospectionMethods* methods(IntrospectionMethods*) { return introspection_->async(); }

  const std::shared_ptr<CallContext> shared_;
  // By the interfaces: their async() has a type that can be named.
  const std::unique_ptr<inference::GRPCInferenceService::StubInterface> inference_;
  const std::unique_ptr<v1::IntrospectionService::StubInterface> introspection_;
  const std::unique_ptr<v1::ComparisonService::StubInterface> comparison_;
};

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_SRC_CONNECTION_H_
