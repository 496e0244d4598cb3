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

// Stops early where the server has ended the call; its status says why.
void SendAll(Stream& stream, const v1::AccuracySetup& setup, const ExampleSource& next) {
  v1::CompareAccuracyRequest message;
  *message.mutable_setup() = setup;
  bool open = stream.Write(message);
  while (open) {
    std::optional<v1::LabelledExamples> examples = next();
    if (!examples.has_value()) break;
    *message.mutable_examples() = *std::move(examples);
    open = stream.Write(message);
  }
  stream.WritesDone();
}

void ReceiveAll(Stream& stream, const AccuracyProgressCallback& on_progress,
                v1::AccuracyReport& report) {
  v1::CompareAccuracyResponse message;
  while (stream.Read(&message)) {
    if (message.has_report()) report = std::move(*message.mutable_report());
    if (message.has_progress() && on_progress != nullptr) on_progress(message.progress());
  }
}

// What a call takes from the client's options and its own.
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
  SendAll(*stream, setup, next);
  reader.join();
  if (const grpc::Status status = stream->Finish(); !status.ok()) return FromGrpc(status);
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

}  // namespace actium::client
