#include "server/cuda/host/runtime.h"

#include "server/cuda/host/call.h"
#include "server/cuda/host/control.h"

namespace actium::cuda::host {

Runtime& Runtime::Get() {
  static Runtime& runtime = *new Runtime;  // Its streams' threads run until the process ends.
  return runtime;
}

std::shared_ptr<Stream> Runtime::FindStream(cudaStream_t handle) {
  if (handle != nullptr && handle != cudaStreamLegacy) return streams.Find(handle);
  base::MutexLock lock(mutex_);
  if (legacy_ == nullptr) legacy_ = std::make_shared<Stream>(true);
  return legacy_;
}

// Work for the default stream waits for that of all blocking streams, and theirs for its.
void Runtime::OrderAmongStreams(const std::shared_ptr<Stream>& stream) {
  const auto wait_for = [&](const std::shared_ptr<Stream>& other) {
    const Fence fence = FenceOf(other);
    if (fence.IsDone()) return;
    stream->Enqueue([fence] {
      fence.Wait();
      return cudaSuccess;
    });
  };
  if (!IsLegacy(stream)) {
    if (stream->blocking() && legacy_ != nullptr) wait_for(legacy_);
    return;
  }
  for (const std::shared_ptr<Stream>& other : streams.All()) {
    if (other->blocking()) wait_for(other);
  }
}

bool Runtime::InvalidatesBlockingCaptures() {
  bool any = false;
  for (const auto& [stream, capture] : captures_) {
    if (!stream->blocking()) continue;
    capture->valid = false;
    any = true;
  }
  return any;
}

cudaError_t Runtime::Submit(const std::shared_ptr<Stream>& stream,
                            std::vector<Stream::Operation> operations, Fence* done) {
  base::MutexLock lock(mutex_);
  if (const auto found = captures_.find(stream); found != captures_.end()) {
    Capture& capture = *found->second;
    if (!capture.valid) return cudaErrorStreamCaptureInvalidated;
    for (Stream::Operation& operation : operations) {
      capture.graph.nodes.push_back(std::move(operation));
    }
    return cudaSuccess;
  }
  if (IsLegacy(stream) && InvalidatesBlockingCaptures()) return cudaErrorStreamCaptureImplicit;
  OrderAmongStreams(stream);
  for (Stream::Operation& operation : operations) stream->Enqueue(std::move(operation));
  if (done != nullptr) *done = FenceOf(stream);
  return cudaSuccess;
}

cudaError_t Runtime::CheckUnsafeCall() {
  base::MutexLock lock(mutex_);
  cudaError_t error = cudaSuccess;
  for (const auto& [stream, capture] : captures_) {
    const bool own = capture->thread == std::this_thread::get_id();
    if (capture->mode == cudaStreamCaptureModeGlobal ||
        (capture->mode == cudaStreamCaptureModeThreadLocal && own)) {
      capture->valid = false;
      error = cudaErrorStreamCaptureUnsupported;
    }
  }
  return error;
}

cudaError_t Runtime::BeginCapture(const std::shared_ptr<Stream>& stream,
                                  cudaStreamCaptureMode mode) {
  base::MutexLock lock(mutex_);
  if (IsLegacy(stream)) return cudaErrorStreamCaptureUnsupported;
  if (captures_.contains(stream)) return cudaErrorIllegalState;
  captures_[stream] = std::make_shared<Capture>(
      Capture{.mode = mode, .thread = std::this_thread::get_id(), .valid = true, .graph = {}});
  return cudaSuccess;
}

cudaError_t Runtime::EndCapture(const std::shared_ptr<Stream>& stream, cudaGraph_t* graph) {
  base::MutexLock lock(mutex_);
  *graph = nullptr;
  const auto found = captures_.find(stream);
  if (found == captures_.end()) return cudaErrorIllegalState;
  const std::shared_ptr<Capture> capture = found->second;
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id()) {
    return cudaErrorStreamCaptureWrongThread;
  }
  captures_.erase(found);
  if (!capture->valid) return cudaErrorStreamCaptureInvalidated;
  *graph = graphs.Add(std::make_shared<Graph>(std::move(capture->graph)));
  return cudaSuccess;
}

void Runtime::AbandonCapture(const std::shared_ptr<Stream>& stream) {
  base::MutexLock lock(mutex_);
  captures_.erase(stream);
}

std::shared_ptr<Capture> Runtime::CaptureOf(const std::shared_ptr<Stream>& stream) {
  base::MutexLock lock(mutex_);
  const auto found = captures_.find(stream);
  return found != captures_.end() ? found->second : nullptr;
}

cudaStreamCaptureStatus Runtime::StatusOf(const std::shared_ptr<Stream>& stream) {
  base::MutexLock lock(mutex_);
  const auto found = captures_.find(stream);
  if (found == captures_.end()) return cudaStreamCaptureStatusNone;
  return found->second->valid ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusInvalidated;
}

cudaError_t Runtime::Invalidate(Capture& capture, cudaError_t error) {
  base::MutexLock lock(mutex_);
  capture.valid = false;
  return error;
}

std::vector<std::shared_ptr<Stream>> Runtime::AllStreams() {
  std::vector<std::shared_ptr<Stream>> all = streams.All();
  base::MutexLock lock(mutex_);
  if (legacy_ != nullptr) all.push_back(legacy_);
  return all;
}

void Runtime::WaitForAll() {
  for (const std::shared_ptr<Stream>& stream : AllStreams()) FenceOf(stream).Wait();
}

cudaError_t Runtime::TakeError() {
  cudaError_t first = cudaSuccess;
  for (const std::shared_ptr<Stream>& stream : AllStreams()) {
    const cudaError_t error = stream->TakeError();
    if (first == cudaSuccess) first = error;
  }
  return first;
}

void Runtime::Reset() {
  for (const std::shared_ptr<Stream>& stream : AllStreams()) stream->Close();
  streams.Clear();
  events.Clear();
  graphs.Clear();
  execs.Clear();
  memory.Reset();
  base::MutexLock lock(mutex_);
  legacy_.reset();
  captures_.clear();
}

ObjectCounts LiveObjects() {
  const Runtime& runtime = Runtime::Get();
  return {.device_allocations = runtime.memory.Count(MemoryKind::kDevice),
          .host_allocations = runtime.memory.Count(MemoryKind::kPinned),
          .streams = runtime.streams.Count(),
          .events = runtime.events.Count(),
          .graphs = runtime.graphs.Count(),
          .graph_execs = runtime.execs.Count()};
}

void SetDeviceMemory(size_t bytes) { Runtime::Get().memory.SetLimit(bytes); }

}  // namespace actium::cuda::host
