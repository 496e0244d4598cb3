#ifndef ACTIUM_SERVER_LIBTORCH_STATUS_FROM_TORCH_H_
#define ACTIUM_SERVER_LIBTORCH_STATUS_FROM_TORCH_H_

// Internal to server/libtorch: the only place that catches.

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c10/util/Exception.h"
#include "fmt/format.h"

namespace actium::libtorch {

/// Returns what LibTorch says in one line: of a TorchScript error, whose text quotes the model's
/// source first, the error itself; of anything else the first line. At most 500 bytes, without
/// control characters and without backtrace.
std::string OneLine(std::string_view message);

/// Runs body and turns what it throws into a status, "<doing>: <one line>".
///
/// code: of everything but exhausted memory; kInvalidArgument where the file is to blame.
template <class Body>
auto CatchTorch(std::string_view doing, absl::StatusCode code, Body body)
    -> absl::StatusOr<decltype(body())> {
  try {
    return body();
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(
        fmt::format("{}: {}", doing, OneLine(error.what_without_backtrace())));
  } catch (const c10::Error& error) {
    return absl::Status(code,
                        fmt::format("{}: {}", doing, OneLine(error.what_without_backtrace())));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(fmt::format("{}: out of memory", doing));
  } catch (const std::exception& error) {
    return absl::Status(code, fmt::format("{}: {}", doing, OneLine(error.what())));
  }
}

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_STATUS_FROM_TORCH_H_
