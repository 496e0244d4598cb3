// cudaStream*, cudaEvent*, cudaLaunchHostFunc, cudaDeviceSynchronize.

#include <chrono>

#include "server/cuda/host/call.h"
#include "server/cuda/host/runtime.h"

namespace actium::cuda::host {
namespace {

// Runs body(stream) with the stream of a handle.
template <class Body>
cudaError_t WithStream(cudaStream_t handle, Body body) {
  const std::shared_ptr<Stream> stream = Runtime::Get().FindStream(handle);
  return stream == nullptr ? cudaErrorInvalidResourceHandle : body(stream);
}

template <class Body>
cudaError_t WithEvent(cudaEvent_t handle, Body body) {
  const std::shared_ptr<Event> event = Runtime::Get().events.Find(handle);
  return event == nullptr ? cudaErrorInvalidResourceHandle : body(event);
}

// What a call that waited for a stream's work returns.
cudaError_t Outcome(Stream& stream) {
  const cudaError_t error = stream.TakeError();
  return Broken() != cudaSuccess ? Broken() : error;
}

// Whether the host may ask how far a stream is.
cudaError_t CheckMayAsk(const std::shared_ptr<Stream>& stream) {
  Runtime& runtime = Runtime::Get();
  if (const auto capture = runtime.CaptureOf(stream)) {
    return runtime.Invalidate(*capture, cudaErrorStreamCaptureUnsupported);
  }
  return runtime.CheckUnsafeCall();
}

// Where an event is to be waited for, or why it cannot be.
cudaError_t FenceOfEvent(Event& event, Fence* fence) {
  base::MutexLock lock(event.mutex);
  if (event.captured) return cudaErrorCapturedEvent;
  *fence = event.fence;
  return cudaSuccess;
}

cudaError_t Record(const std::shared_ptr<Event>& event, const std::shared_ptr<Stream>& stream) {
  Runtime& runtime = Runtime::Get();
  base::MutexLock lock(event->mutex);
  if (const auto capture = runtime.CaptureOf(stream)) {
    event->capture = capture;
    event->captured = event->recorded = true;
    return cudaSuccess;
  }
  Fence fence;
  const cudaError_t error = runtime.Submit(stream, {[event] {
                                             base::MutexLock reached(event->mutex);
                                             event->reached = std::chrono::steady_clock::now();
                                             return cudaSuccess;
                                           }},
                                           &fence);
  if (error != cudaSuccess) return error;
  event->fence = fence;
  event->captured = false;
  event->recorded = true;
  return cudaSuccess;
}

// In a capture, what came before in the same capture comes before anyway.
cudaError_t WaitInCapture(Capture& capture, Event& event) {
  bool same = false;
  {
    base::MutexLock lock(event.mutex);
    if (!event.recorded) return cudaSuccess;
    same = event.captured && event.capture.lock().get() == &capture;
  }
  return same ? cudaSuccess : Runtime::Get().Invalidate(capture, cudaErrorStreamCaptureIsolation);
}

cudaError_t WaitInStream(const std::shared_ptr<Stream>& stream, Event& event) {
  Fence fence;
  if (FenceOfEvent(event, &fence) != cudaSuccess) return cudaErrorNotSupported;
  if (fence.IsDone()) return cudaSuccess;
  return Runtime::Get().Submit(stream, {[fence] {
                                 fence.Wait();
                                 return cudaSuccess;
                               }});
}

cudaError_t MillisecondsBetween(Event& start, Event& end, float* milliseconds) {
  const auto reached = [](Event& event, base::TimePoint* when) {
    base::MutexLock lock(event.mutex);
    if (event.captured) return cudaErrorCapturedEvent;
    if (!event.recorded || !event.timing) return cudaErrorInvalidResourceHandle;
    *when = event.reached;
    return event.fence.IsDone() ? cudaSuccess : cudaErrorNotReady;
  };
  base::TimePoint from, to;
  if (const cudaError_t error = reached(start, &from); error != cudaSuccess) return error;
  if (const cudaError_t error = reached(end, &to); error != cudaSuccess) return error;
  *milliseconds = std::chrono::duration<float, std::milli>(to - from).count();
  return cudaSuccess;
}

// Calls body with what an event waits for, where a call may look at it.
template <class Body>
cudaError_t WithFence(cudaEvent_t event, Body body) {
  return WithEvent(event, [&](const std::shared_ptr<Event>& found) {
    Fence fence;
    if (const cudaError_t error = FenceOfEvent(*found, &fence); error != cudaSuccess) return error;
    const cudaError_t unsafe = Runtime::Get().CheckUnsafeCall();
    return unsafe != cudaSuccess ? unsafe : body(fence);
  });
}

}  // namespace
}  // namespace actium::cuda::host

using namespace actium::cuda::host;  // NOLINT(google-build-using-namespace): CUDA's names are
                                     // global.

cudaError_t cudaDeviceSynchronize() {
  return Call("cudaDeviceSynchronize", []() -> cudaError_t {
    Runtime& runtime = Runtime::Get();
    if (const cudaError_t error = runtime.CheckUnsafeCall(); error != cudaSuccess) return error;
    runtime.WaitForAll();
    const cudaError_t error = runtime.TakeError();
    return Broken() != cudaSuccess ? Broken() : error;
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  return Call("cudaStreamCreateWithFlags", [&] {
    if (stream == nullptr || flags > cudaStreamNonBlocking) return cudaErrorInvalidValue;
    *stream = Runtime::Get().streams.Add(std::make_shared<Stream>(flags != cudaStreamNonBlocking));
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return Call("cudaStreamDestroy", [&] {
    const std::shared_ptr<Stream> removed = Runtime::Get().streams.Remove(stream);
    if (removed == nullptr) return cudaErrorInvalidResourceHandle;
    Runtime::Get().AbandonCapture(removed);
    removed->Close();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return Call("cudaStreamSynchronize", [&] {
    return WithStream(stream, [](const std::shared_ptr<Stream>& found) {
      if (const cudaError_t error = CheckMayAsk(found); error != cudaSuccess) return error;
      FenceOf(found).Wait();
      return Outcome(*found);
    });
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return Call("cudaStreamQuery", [&] {
    return WithStream(stream, [](const std::shared_ptr<Stream>& found) {
      if (const cudaError_t error = CheckMayAsk(found); error != cudaSuccess) return error;
      return FenceOf(found).IsDone() ? Outcome(*found) : cudaErrorNotReady;
    });
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags) {
  return Call("cudaStreamWaitEvent", [&] {
    if (flags != 0) return cudaErrorInvalidValue;
    return WithStream(stream, [&](const std::shared_ptr<Stream>& found) {
      return WithEvent(event, [&](const std::shared_ptr<Event>& awaited) {
        const auto capture = Runtime::Get().CaptureOf(found);
        return capture != nullptr ? WaitInCapture(*capture, *awaited)
                                  : WaitInStream(found, *awaited);
      });
    });
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* user_data) {
  return Call("cudaLaunchHostFunc", [&] {
    if (function == nullptr) return cudaErrorInvalidValue;
    return WithStream(stream, [&](const std::shared_ptr<Stream>& found) {
      return Runtime::Get().Submit(found, {[=] {
                                     function(user_data);
                                     return cudaSuccess;
                                   }});
    });
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  return Call("cudaEventCreateWithFlags", [&] {
    constexpr unsigned int kKnown = cudaEventBlockingSync | cudaEventDisableTiming;
    if (event == nullptr || (flags & ~kKnown) != 0) return cudaErrorInvalidValue;
    auto made = std::make_shared<Event>();
    made->timing = (flags & cudaEventDisableTiming) == 0;
    *event = Runtime::Get().events.Add(std::move(made));
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return Call("cudaEventDestroy", [&] {
    return Runtime::Get().events.Remove(event) != nullptr ? cudaSuccess
                                                          : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return Call("cudaEventRecord", [&] {
    return WithStream(stream, [&](const std::shared_ptr<Stream>& found) {
      return WithEvent(
          event, [&](const std::shared_ptr<Event>& recorded) { return Record(recorded, found); });
    });
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return Call("cudaEventQuery", [&] {
    return WithFence(
        event, [](const Fence& fence) { return fence.IsDone() ? Broken() : cudaErrorNotReady; });
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return Call("cudaEventSynchronize", [&] {
    return WithFence(event, [](const Fence& fence) {
      fence.Wait();
      return Broken();
    });
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return Call("cudaEventElapsedTime", [&] {
    if (milliseconds == nullptr) return cudaErrorInvalidValue;
    return WithEvent(start, [&](const std::shared_ptr<Event>& from) {
      return WithEvent(end, [&](const std::shared_ptr<Event>& to) {
        return MillisecondsBetween(*from, *to, milliseconds);
      });
    });
  });
}
