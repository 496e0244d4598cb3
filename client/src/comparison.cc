#include <grpcpp/client_context.h>

#include <chrono>
#include <thread>
#include <utility>

#include "actium/client.h"
#include "client/src/connection.h"

namespace actium::client {
namespace {

using Stream =
    grpc::ClientReaderWriterInterface<v1::CompareAccuracyRequest, v1::CompareAccuracyResponse>;

// Stops early where the server has ended the call; its status says why. Errors: those of `next`.
absl::Status SendAll(Stream& stream, const v1::AccuracySetup& setup, const ExampleSource& next) {
  v1::CompareAccuracyRequest message;
  *message.mutable_setup() = setup;
  bool open = stream.Write(message);
  while (open) {
    auto examples = next();
    if (!examples.ok()) return examples.status();
    if (!examples->has_value()) break;
    *message.mutable_examples() = **std::move(examples);
    open = stream.Write(message);
  }
  stream.WritesDone();
  return absl::OkStatus();
}

void ReceiveAll(Stream& stream, const AccuracyProgressCallback& on_progress,
                v1::AccuracyReport& report) {
  v1::CompareAccuracyResponse message;
  while (stream.Read(&message)) {
    if (message.has_report()) report = std::move(*message.mutable_report());
    if (message.has_progress() && on_progress != nullptr) on_progress(message.progress());
  }
}

// What a call takes from the client's options and its own; without a timeout of its own it has
// none.
void Prepare(const ClientOptions& client, const CallOptions& call, grpc::ClientContext& context) {
  for (const auto& [name, value] : client.metadata) context.AddMetadata(name, value);
  if (!call.timeout.has_value()) return;
  context.set_deadline(
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(*call.timeout));
}

}  // namespace

absl::StatusOr<v1::AccuracyReport> Client::CompareAccuracy(
    const v1::AccuracySetup& setup, const ExampleSource& next,
    const AccuracyProgressCallback& on_progress, const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(connection_->options(), options, context);
  const std::unique_ptr<Stream> stream = connection_->comparison().CompareAccuracy(&context);
  v1::AccuracyReport report;
  std::thread reader([&] { ReceiveAll(*stream, on_progress, report); });
  const absl::Status sent = SendAll(*stream, setup, next);
  if (!sent.ok()) context.TryCancel();
  reader.join();
  const grpc::Status status = stream->Finish();
  if (!sent.ok()) return sent;
  if (!status.ok()) return FromGrpc(status);
  return report;
}

absl::StatusOr<v1::LatencyReport> Client::CompareLatency(const v1::CompareLatencyRequest& request,
                                                         const LatencyProgressCallback& on_progress,
                                                         const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(connection_->options(), options, context);
  const auto stream = connection_->comparison().CompareLatency(&context, request);
  v1::LatencyReport report;
  v1::CompareLatencyResponse message;
  while (stream->Read(&message)) {
    if (message.has_report()) report = std::move(*message.mutable_report());
    if (message.has_progress() && on_progress != nullptr) on_progress(message.progress());
  }
  if (const grpc::Status status = stream->Finish(); !status.ok()) return FromGrpc(status);
  return report;
}

absl::StatusOr<v1::OutputsReport> Client::CompareOutputs(const v1::CompareOutputsRequest& request,
                                                         const CallOptions& options) {
  CallOptions limited = options;
  if (!limited.timeout.has_value()) limited.timeout = connection_->options().timeout;
  grpc::ClientContext context;
  Prepare(connection_->options(), limited, context);
  v1::OutputsReport report;
  const grpc::Status status = connection_->comparison().CompareOutputs(&context, request, &report);
  if (!status.ok()) return FromGrpc(status);
  return report;
}

absl::StatusOr<v1::SeedsReport> Client::CompareSeeds(
    const v1::SeedsSetup& setup, std::span<const v1::SeedPredictions> checkpoints,
    const CallOptions& options) {
  grpc::ClientContext context;
  Prepare(connection_->options(), options, context);
  v1::SeedsReport report;
  const auto stream = connection_->comparison().CompareSeeds(&context, &report);
  v1::CompareSeedsRequest message;
  *message.mutable_setup() = setup;
  bool open = stream->Write(message);
  for (const v1::SeedPredictions& checkpoint : checkpoints) {
    if (!open) break;
    *message.mutable_predictions() = checkpoint;
    open = stream->Write(message);
  }
  stream->WritesDone();
  if (const grpc::Status status = stream->Finish(); !status.ok()) return FromGrpc(status);
  return report;
}

}  // namespace actium::client
