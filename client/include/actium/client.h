#ifndef ACTIUM_CLIENT_CLIENT_H_
#define ACTIUM_CLIENT_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actium/options.h"
#include "actium/v1/comparison.pb.h"
#include "actium/v1/introspection.pb.h"
#include "inference/grpc_service.pb.h"
#include "inference/model_config.pb.h"

/// The client library: calls a server of the Open Inference Protocol (Actium, Triton, KServe).
///
///   auto client = actium::client::Client::Create({.address = "localhost:8001"});
///   inference::ModelInferRequest request;
///   request.set_model_name("mish");
///   actium::client::AddInput<uint8_t>(request, "image", {{1, 1, 28, 28}}, pixels);   // tensors.h
///   auto answer = (*client)->Infer(request);
///   auto logits = actium::client::OutputValues<float>(*answer, "logits");
///
/// Errors are absl::Status with the server's code and text; codes are gRPC's numbers. A server that
/// cannot be reached is UNAVAILABLE, a call that takes longer than its timeout DEADLINE_EXCEEDED,
/// and a method that a server does not have UNIMPLEMENTED.
namespace actium::client {

/// Receives a call's answer: exactly once, on a thread of gRPC's, which it must not block.
template <class Response>
using Callback = std::function<void(absl::StatusOr<Response>)>;

/// Returns the next examples to send; nothing after the last. An error ends the comparison, with no
/// other report than it.
using ExampleSource = std::function<absl::StatusOr<std::optional<v1::LabelledExamples>>()>;

/// Hears how far a comparison has come. Of accuracy: on a thread of the client's, which it must not
/// block.
using AccuracyProgressCallback = std::function<void(const v1::ComparisonProgress&)>;
using LatencyProgressCallback = std::function<void(const v1::LatencyProgress&)>;

class Connection;

/// One connection to one server.
///
/// Thread-safe. Connects at the first call and again whenever the connection is lost. Destroying it
/// waits for the calls in flight and their callbacks; so it is not destroyed by a callback.
class Client {
 public:
  /// Makes a client; sends nothing yet.
  ///
  /// Errors: INVALID_ARGUMENT names the option that is out of range.
  static absl::StatusOr<std::unique_ptr<Client>> Create(const ClientOptions& options);

  /// For Create() and tests: connection.h is not installed.
  explicit Client(std::unique_ptr<Connection> connection);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& address() const;

  /// True if the server answers at all.
  absl::StatusOr<bool> ServerLive(const CallOptions& options = {});

  /// True if the server has finished its start-up and takes requests.
  absl::StatusOr<bool> ServerReady(const CallOptions& options = {});

  /// True if that version answers requests; an empty version means any. False, not an error, for a
  /// model that does not exist.
  absl::StatusOr<bool> ModelReady(const std::string& model, const std::string& version = "",
                                  const CallOptions& options = {});

  absl::StatusOr<inference::ServerMetadataResponse> ServerMetadata(const CallOptions& options = {});

  /// Names, types and shapes of a model's inputs and outputs. Errors: NOT_FOUND.
  absl::StatusOr<inference::ModelMetadataResponse> ModelMetadata(const std::string& model,
                                                                 const std::string& version = "",
                                                                 const CallOptions& options = {});

  /// A model's configuration with defaults filled in. Errors: NOT_FOUND.
  absl::StatusOr<inference::ModelConfig> ModelConfig(const std::string& model,
                                                     const std::string& version = "",
                                                     const CallOptions& options = {});

  /// Counts and times since the model was loaded; of all models if `model` is empty.
  absl::StatusOr<inference::ModelStatisticsResponse> ModelStatistics(
      const std::string& model, const std::string& version = "", const CallOptions& options = {});

  /// The models that the server knows, ready or not.
  absl::StatusOr<inference::RepositoryIndexResponse> RepositoryIndex(
      const CallOptions& options = {});

  /// What ModelStatistics() leaves out: distributions by stage, why batches closed, dropped work,
  /// engine. Of all ready models if `model` is empty. Errors: NOT_FOUND; UNIMPLEMENTED by servers
  /// other than Actium.
  absl::StatusOr<v1::GetModelStatisticsResponse> DetailedStatistics(
      const std::string& model, const CallOptions& options = {});

  /// Facts of the server process. Errors: UNIMPLEMENTED by servers other than Actium.
  absl::StatusOr<v1::GetServerInfoResponse> ServerInfo(const CallOptions& options = {});

  /// What is really served of a model: its weights, and the steps that run for a batch, with their
  /// times. Takes some 13 runs of the model, behind all that the server serves.
  ///
  /// Errors: NOT_FOUND, FAILED_PRECONDITION, INVALID_ARGUMENT (the batch size is out of range),
  /// UNAVAILABLE (the server explains another model), UNIMPLEMENTED by servers other than Actium.
  absl::StatusOr<v1::ExplainModelResponse> ExplainModel(const v1::ExplainModelRequest& request,
                                                        const CallOptions& options = {});

  /// Runs a model. A retry may run it twice; answers depend on nothing but the request, so that
  /// does no harm.
  ///
  /// Errors: INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE (full or draining, after all retries),
  /// DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED (a message is too large).
  absl::StatusOr<inference::ModelInferResponse> Infer(const inference::ModelInferRequest& request,
                                                      const CallOptions& options = {});

  /// Like Infer(), without waiting. The request may be shared by many calls at once and must not
  /// change until their callbacks have run.
  void InferAsync(std::shared_ptr<const inference::ModelInferRequest> request,
                  Callback<inference::ModelInferResponse> callback,
                  const CallOptions& options = {});

  /// Compares the accuracy of variants on labelled examples, or their answers to examples without
  /// labels, and waits for the report.
  ///
  /// next: called on this thread, as fast as the server takes examples. on_progress: may be null.
  /// options: the timeout is that of the whole comparison; unset, there is none. No retries.
  /// Errors: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED (all name what is
  /// wrong), UNAVAILABLE (another comparison runs), UNIMPLEMENTED by servers other than Actium.
  absl::StatusOr<v1::AccuracyReport> CompareAccuracy(
      const v1::AccuracySetup& setup, const ExampleSource& next,
      const AccuracyProgressCallback& on_progress = nullptr, const CallOptions& options = {});

  /// Times variants against each other and waits for the report.
  ///
  /// on_progress: may be null; called on this thread. options: as of CompareAccuracy().
  /// Errors: as CompareAccuracy()'s; DEADLINE_EXCEEDED if the request's time limit was too short.
  absl::StatusOr<v1::LatencyReport> CompareLatency(
      const v1::CompareLatencyRequest& request,
      const LatencyProgressCallback& on_progress = nullptr, const CallOptions& options = {});

  /// Runs one request through variants and returns their answers side by side.
  ///
  /// options: the timeout, unset, is the client's; no retries. Errors: as CompareLatency()'s.
  absl::StatusOr<v1::OutputsReport> CompareOutputs(const v1::CompareOutputsRequest& request,
                                                   const CallOptions& options = {});

  /// Says what training seeds show of variants, from the predictions of their checkpoints.
  ///
  /// options: as of CompareAccuracy(). Errors: INVALID_ARGUMENT (names what is wrong), UNAVAILABLE
  /// (another comparison runs), UNIMPLEMENTED by servers other than Actium.
  absl::StatusOr<v1::SeedsReport> CompareSeeds(const v1::SeedsSetup& setup,
                                               std::span<const v1::SeedPredictions> checkpoints,
                                               const CallOptions& options = {});

 private:
  const std::unique_ptr<Connection> connection_;
};

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_CLIENT_H_
