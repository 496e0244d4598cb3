// The ceiling of the wire: a gRPC server that answers every ModelInfer at once with as many bytes
// of output as it is told, over the same API and with the same messages as actium-server.

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "inference/grpc_service.grpc.pb.h"
#include "server/base/signals.h"

namespace actium::bench {
namespace {

class EchoService final : public ::inference::GRPCInferenceService::CallbackService {
 public:
  explicit EchoService(int output_bytes) : output_(static_cast<size_t>(output_bytes), '\0') {}

  grpc::ServerUnaryReactor* ServerReady(grpc::CallbackServerContext* context,
                                        const ::inference::ServerReadyRequest*,
                                        ::inference::ServerReadyResponse* response) override {
    response->set_ready(true);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context,
                                       const ::inference::ModelInferRequest* request,
                                       ::inference::ModelInferResponse* response) override {
    response->set_model_name(request->model_name());
    response->set_model_version("1");
    response->set_id(request->id());
    auto* output = response->add_outputs();
    output->set_name("logits");
    output->set_datatype("FP32");
    output->add_shape(1);
    output->add_shape(static_cast<int64_t>(output_.size() / sizeof(float)));
    response->add_raw_output_contents(output_);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const std::string output_;
};

}  // namespace
}  // namespace actium::bench

int main(int argc, char** argv) {
  int output_bytes = 40;
  std::string address = "127.0.0.1";
  int port = 0;
  std::string port_file;
  CLI::App app("Answers every ModelInfer at once; prints where it listens into a file.");
  app.add_option("--output-bytes", output_bytes, "bytes of the one output")->capture_default_str();
  app.add_option("--grpc-address", address, "where to listen")->capture_default_str();
  app.add_option("--grpc-port", port, "port; 0 takes a free one")->capture_default_str();
  app.add_option("--port-file", port_file, "file that gets host:port")->required();
  app.allow_extras();  // Whoever starts servers for tests gives the real one's options, too.
  CLI11_PARSE(app, argc, argv);

  actium::base::BlockShutdownSignals();
  actium::bench::EchoService service(output_bytes);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(fmt::format("{}:{}", address, port), grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    fmt::print(stderr, "echo server: cannot listen on {}:{}\n", address, port);
    return 1;
  }
  std::ofstream(port_file + ".part") << fmt::format("{}:{}\n", address, port);
  std::filesystem::rename(port_file + ".part", port_file);
  actium::base::WaitForShutdownSignal();
  server->Shutdown();
  return 0;
}
