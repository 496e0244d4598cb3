#include "server/options/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>

#include "server/base/status_macros.h"

namespace actium::options {
namespace {

constexpr const char* kDescription =
    "Serves models over gRPC (Open Inference Protocol), batching requests.";

constexpr const char* kFooter = R"(
Every option can stand in the TOML file of --config (grpc-port = 8001) and in the environment
(ACTIUM_GRPC_PORT=8001); the command line goes before the file, the file before the environment.

Signals: SIGTERM and SIGINT let requests in flight finish, refuse new ones, then end the server.

Exit status: 0 stopped, all accepted requests answered; 1 could not start; 2 bad arguments;
3 stopped, but requests had to be cut off after --exit-timeout-secs.

Example: actium-server --model-repository models/repository --grpc-port 8001
         actium-server --probe net.pt --input image:FP32:1,3,224,224)";

// The environment's name of an option: "--grpc-port" is ACTIUM_GRPC_PORT.
std::string EnvironmentName(const CLI::Option& option) {
  std::string name = "ACTIUM_" + option.get_lnames().front();
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

// Shows what an option takes as one word, without CLI11's types, ranges and variables: the texts
// say what matters of them, the footer the rest.
class PlainFormatter final : public CLI::Formatter {
 public:
  PlainFormatter() { column_width(36); }
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return "";
    const std::string type = option->get_type_name();
    return " " + type.substr(0, type.find(':'));
  }
};

// What CLI11 stores in its own types and is turned into Options afterwards.
struct Raw {
  int64_t exit_timeout_secs = 30;
  int log_verbose = 0;
  std::string log_format = "text";
  std::string engine = "auto";
  std::string device = "auto";
  std::string on_gpu_failure = "unready";
};

void AddDevice(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--device", raw.device,
                 "what runs the models whose instance_group leaves it open: cpu (no GPU is "
                 "touched), cuda or cuda:N (needs one), or auto: the first GPU if there is one "
                 "[auto]")
      ->type_name("DEVICE");
  app.add_option("--cuda-plugin", options.cuda_plugin,
                 "the engine for GPUs, if not the libactium_cuda.so that lies beside the program "
                 "or in ../lib")
      ->type_name("FILE");
  app.add_option("--gpu-streams", options.gpu_streams,
                 "streams of each GPU, shared by its models, up to 16 [2]")
      ->type_name("N")
      ->check(CLI::Range(1, 16));
  app.add_option("--gpu-tuning", options.gpu_tuning.measure,
                 "whether to measure at load which kernels are fastest on the GPU [true]")
      ->type_name("BOOL");
  app.add_option("--gpu-tuning-cache", options.gpu_tuning.cache,
                 "folder that keeps what was measured for the next start [none]")
      ->type_name("DIR");
  app.add_option("--on-gpu-failure", raw.on_gpu_failure,
                 "once a GPU has failed for good: unready, its models fail and the server is not "
                 "ready until it is started again; cpu, those that do not ask for a GPU move to "
                 "the CPU [unready]")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"unready", "cpu"}));
}

void AddServing(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--model-repository", options.model_repositories,
                 "folder of models, <model>/<version>/model.pt; may be given again")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--comparison-data", options.comparison_data,
                 "folder of data sets that comparisons may name, <data set>/<input>.npy; none "
                 "without")
      ->type_name("DIR");
  app.add_flag("--strict-model-config", options.strict_model_config,
               "refuse models without a config.pbtxt");
  app.add_flag("--strict-readiness", options.strict_readiness,
               "ready only while all models are ready; otherwise once loading has ended");
  app.add_option("--engine", raw.engine,
                 "auto: models run in fused steps where they allow it, or else on LibTorch; "
                 "libtorch: all run there, operation by operation [auto]")
      ->type_name("ENGINE")
      ->check(CLI::IsMember({"auto", "libtorch"}));
  AddDevice(app, options, raw);
  app.add_option("--threads", options.threads,
                 "compute threads on the CPU, shared by all models; 0: as the CPU quota allows [0]")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  app.add_option("--intra-op-threads", options.intra_op_threads,
                 "threads of one run of a model [1]")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
}

// One of the HTTP ports. take_last(): whoever starts servers for others turns them off first.
void AddHttpPort(CLI::App& app, const std::string& name, const char* what, bool& allow, int& port) {
  app.add_option("--allow-" + name, allow, fmt::format("whether to {} [true]", what))
      ->type_name("BOOL")
      ->take_last();
  app.add_option("--" + name + "-port", port,
                 fmt::format("where to {}; 0: a free port, which is logged [{}]", what, port))
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535))
      ->take_last();
}

void AddHttp(CLI::App& app, Options& options) {
  app.add_option("--http-address", options.http_address,
                 "address of the two HTTP ports, without TLS [0.0.0.0]")
      ->type_name("HOST");
  AddHttpPort(app, "http", "answer /healthz, /readyz and /v2/health", options.allow_http,
              options.http_port);
  AddHttpPort(app, "metrics", "answer /metrics for Prometheus", options.allow_metrics,
              options.metrics_port);
}

void AddListening(CLI::App& app, Options& options) {
  app.add_option("--grpc-address", options.grpc_address, "address to listen on [0.0.0.0]")
      ->type_name("HOST");
  app.add_option("--grpc-port", options.grpc_port,
                 "port to listen on; 0: a free one, which is logged [8001]")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535));
  AddHttp(app, options);
  app.add_option("--port-file", options.port_file, "write host:port here once the server listens")
      ->type_name("FILE");
  app.add_flag("--grpc-use-ssl", options.tls.enabled, "TLS instead of plain text");
  app.add_option("--grpc-server-cert", options.tls.certificate, "the server's certificate, PEM")
      ->type_name("FILE");
  app.add_option("--grpc-server-key", options.tls.key, "its key, PEM")->type_name("FILE");
  app.add_option("--grpc-root-cert", options.tls.root_certificates,
                 "PEM; clients must show a certificate signed by one of these")
      ->type_name("FILE");
}

void AddLimits(CLI::App& app, Options& options, Raw& raw) {
  // Sizes take units, as 256MiB. The largest message is bounded by the int in gRPC's interface.
  app.add_option("--grpc-max-message-bytes", options.grpc_max_message_bytes,
                 "largest request, as 64MiB, below 2GiB [256MiB]")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(int64_t{1024}, (int64_t{2} << 30) - 1));
  app.add_option("--max-requests-in-flight", options.max_requests_in_flight,
                 "inference requests accepted and not yet answered, of all clients [16384]")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  app.add_option("--max-bytes-in-flight", options.max_bytes_in_flight,
                 "bytes of their messages together, as 8GiB [2GiB]")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 50));
  app.add_option("--exit-timeout-secs", raw.exit_timeout_secs,
                 "how long requests in flight may take to finish when the server stops [30]")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400));
}

void AddRest(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--log-verbose", raw.log_verbose, "1: log every request too [0]")
      ->type_name("LEVEL")
      ->check(CLI::Range(0, 9));
  app.add_option("--log-format", raw.log_format, "text or json, one event a line [text]")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--probe", options.probe.file,
                 "run this model file once on zeros, print a config.pbtxt for it, and end")
      ->type_name("FILE");
  app.add_option("--input", options.probe.inputs,
                 "with --probe: NAME:DTYPE:D0,D1,... of an input; once for each")
      ->type_name("SPEC")
      ->allow_extra_args(false);
}

void AddEnvironment(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option != app.get_help_ptr()) option->envname(EnvironmentName(*option));
  }
}

absl::Status Finish(const Raw& raw, Options& options) {
  options.exit_timeout = std::chrono::seconds(raw.exit_timeout_secs);
  options.fuse = raw.engine == "auto";
  options.on_gpu_failure =
      raw.on_gpu_failure == "cpu" ? OnGpuFailure::kCpu : OnGpuFailure::kUnready;
  options.log_level = raw.log_verbose > 0 ? base::log::Level::kDebug : base::log::Level::kInfo;
  options.log_format =
      raw.log_format == "json" ? base::log::Format::kJson : base::log::Format::kText;
  ACTIUM_ASSIGN_OR_RETURN(options.device, ParseDeviceChoice(raw.device));
  return Validate(options);
}

// CLI11 answers --help and --version by exceptions too, with status 0.
Exit ExitOf(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out, err;
  const bool ok = app.exit(error, out, err) == 0;
  return {.status = ok ? kExitOk : kExitArguments, .text = ok ? out.str() : err.str()};
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv) {
  CommandLine result;
  Options& options = result.options;
  Raw raw;
  CLI::App app(kDescription, "actium-server");
  app.footer(kFooter);
  app.formatter(std::make_shared<PlainFormatter>());
  AddServing(app, options, raw);
  AddListening(app, options);
  AddLimits(app, options, raw);
  AddRest(app, options, raw);
  AddEnvironment(app);
  app.set_config("--config", "", "TOML file of options")->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_version_flag("--version", std::string(Version()), "print the version and end");
  app.set_help_flag("-h,--help", "print this and end");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    result.exit = ExitOf(app, error);
    return result;
  }
  if (const absl::Status status = Finish(raw, options); !status.ok()) {
    result.exit = {.status = kExitArguments,
                   .text = std::string(status.message()) + "\nRun with --help for all options.\n"};
  }
  return result;
}

std::string_view Version() { return ACTIUM_VERSION; }

}  // namespace actium::options
