#ifndef ACTIUM_SERVER_OPTIONS_OPTIONS_H_
#define ACTIUM_SERVER_OPTIONS_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/log.h"
#include "server/engine/accelerator.h"
#include "server/tensor/tensor_view.h"

namespace actium::options {

/// Files of a TLS server, PEM. Both certificate and key are set, or neither.
struct TlsFiles {
  bool enabled = false;
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path root_certificates;  ///< Set: clients must show one signed by these.
};

/// Runs one model file once and prints a draft of its configuration, instead of serving.
struct Probe {
  std::filesystem::path file;       ///< Empty: serve.
  std::vector<std::string> inputs;  ///< Each NAME:DTYPE:D0,D1,...; see ParseProbeInput().
};

/// What runs the models whose configuration leaves it open.
struct DeviceChoice {
  enum class Kind {
    kAuto,  ///< The first GPU if there is one, otherwise the CPU.
    kCpu,   ///< The CPU; no GPU is touched.
    kCuda,  ///< A GPU, without which the server does not start.
  };
  Kind kind = Kind::kAuto;
  int index = 0;  ///< kCuda: which GPU, >= 0.
};

/// What becomes of the models on a GPU that has failed for good.
enum class OnGpuFailure {
  kUnready,  ///< They fail, and the server is not ready until it is started again.
  kCpu,      ///< Those that need no GPU move to the CPU; once none is left, the server is ready.
};

/// Everything that can be chosen about a server. flags.cc has each field's flag, help and default.
struct Options {
  std::vector<std::filesystem::path> model_repositories;
  std::filesystem::path comparison_data;  ///< Empty: none.
  std::string grpc_address = "0.0.0.0";
  int grpc_port = 8001;                  ///< 0: a free one.
  std::string http_address = "0.0.0.0";  ///< Of the two ports below.
  bool allow_http = true;
  int http_port = 8000;  ///< Health. 0: a free one.
  bool allow_metrics = true;
  int metrics_port = 8002;  ///< 0: a free one.
  TlsFiles tls;
  int64_t grpc_max_message_bytes = int64_t{256} << 20;
  int64_t max_requests_in_flight = 16384;
  int64_t max_bytes_in_flight = int64_t{2} << 30;
  bool fuse = true;  ///< Run models in fused steps where they allow it.
  DeviceChoice device;
  std::filesystem::path cuda_plugin;  ///< Empty: the one that comes with the program.
  engine::TuningOptions gpu_tuning;
  int gpu_streams = 2;  ///< Workers of each GPU.
  OnGpuFailure on_gpu_failure = OnGpuFailure::kUnready;
  int threads = 0;  ///< 0: by affinity and CPU quota.
  int intra_op_threads = 1;
  std::chrono::seconds exit_timeout{30};
  bool strict_readiness = false;
  bool strict_model_config = false;
  std::filesystem::path port_file;  ///< Empty: none.
  base::log::Level log_level = base::log::Level::kInfo;
  base::log::Format log_format = base::log::Format::kText;
  Probe probe;
};

/// Checks what single flags cannot: that there is something to serve or to probe, and that options
/// which belong together come together.
///
/// Errors: INVALID_ARGUMENT names the flag and the rule.
absl::Status Validate(const Options& options);

/// Reads "auto", "cpu", "cuda" or "cuda:N". Errors: INVALID_ARGUMENT names the flag and the rule.
absl::StatusOr<DeviceChoice> ParseDeviceChoice(const std::string& text);

/// Reads an input to probe with, as "image:UINT8:1,1,28,28": a name, a type of the protocol with a
/// fixed size, and whole dimensions, each at least 1. A scalar has no dimensions: "x:FP32:".
///
/// Errors: INVALID_ARGUMENT names the part and the rule.
absl::StatusOr<tensor::TensorSpec> ParseProbeInput(const std::string& text);

}  // namespace actium::options

#endif  // ACTIUM_SERVER_OPTIONS_OPTIONS_H_
