#ifndef ACTIUM_SERVER_CPU_CATCH_ONEDNN_H_
#define ACTIUM_SERVER_CPU_CATCH_ONEDNN_H_

// Internal to server/cpu: the only place that catches.

#include <exception>
#include <new>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "oneapi/dnnl/dnnl_debug.h"

namespace actium::cpu {

/// Returns the status for a code that oneDNN gave; OK for success.
inline absl::Status FromOneDnn(std::string_view doing, dnnl_status_t code) {
  if (code == dnnl_success) return absl::OkStatus();
  if (code == dnnl_out_of_memory) {
    return absl::ResourceExhaustedError(fmt::format("{}: out of memory", doing));
  }
  return absl::InternalError(fmt::format("{}: oneDNN: {}", doing, dnnl_status2str(code)));
}

/// Runs body and turns what it throws into a status, "<doing>: <what>".
template <class Body>
auto CatchOneDnn(std::string_view doing, Body body) -> absl::StatusOr<decltype(body())> {
  try {
    return body();
  } catch (const dnnl::error& error) {
    const absl::Status status = FromOneDnn(doing, error.status);
    return absl::Status(status.code(),
                        fmt::format("{} ({})", std::string(status.message()), error.what()));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(fmt::format("{}: out of memory", doing));
  } catch (const std::exception& error) {
    return absl::InternalError(fmt::format("{}: {}", doing, error.what()));
  }
}

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_CATCH_ONEDNN_H_
