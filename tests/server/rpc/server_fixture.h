#ifndef ACTIUM_TESTS_SERVER_RPC_SERVER_FIXTURE_H_
#define ACTIUM_TESTS_SERVER_RPC_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "inference/grpc_service.grpc.pb.h"
#include "server/base/mutex.h"
#include "server/options/options.h"
#include "server/running_server.h"
#include "tests/support/fake_loader.h"
#include "tests/support/temp_repository.h"

namespace actium::test {

/// Holds runs of the model "gate" while it is closed. Thread-safe.
class Gate {
 public:
  void Close();
  void Open();

  /// Waits until so many runs have come to the closed gate since Close().
  void WaitForRuns(int runs);

  /// What a run does: passes, or waits.
  void Pass();

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  bool closed_ = false;
  int waiting_runs_ = 0;
};

/// FakeLoader, but the runs of a model "gate" pass a gate.
class GateLoader final : public engine::ModelLoader {
 public:
  explicit GateLoader(Gate& gate) : gate_(gate) {}
  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return files_.ReadMetadata(file);
  }
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec& spec) override;
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override {
    return files_.Probe(file, inputs);
  }

 private:
  FakeLoader files_;
  Gate& gate_;
};

/// A whole server in this process, on a free port, with fake models:
///
///   image   UINT8 [4] `image` -> FP32 [10] `logits` with labels zero to nine; 8 rows
///   pair    FP32 [2] `a`, INT8 [3] `b` -> FP32 [2] `sum`, UINT8 [4] `code`; no batch dimension
///   gate    as image, without labels; its runs pass `gate`; one row, one waiting request
///   broken  cannot be loaded
class ServerFixture : public ::testing::Test {
 protected:
  ServerFixture();
  ~ServerFixture() override;

  /// Starts the server, with one worker; ready afterwards unless `load` is false.
  void Start(bool load = true);

  /// A request for one row of `image` or `gate`.
  static ::inference::ModelInferRequest ImageRequest(const std::string& model,
                                                     const std::string& pixels = "abcd");

  grpc::Status Infer(const ::inference::ModelInferRequest& request,
                     ::inference::ModelInferResponse* response = nullptr,
                     grpc::ClientContext* context = nullptr);

  /// Calls a method with bytes as its message.
  grpc::Status CallRaw(const std::string& method, const std::string& bytes);

  options::Options options_;
  TempRepository repository_;
  Gate gate_;
  GateLoader loader_{gate_};
  std::unique_ptr<RunningServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<::inference::GRPCInferenceService::Stub> stub_;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_RPC_SERVER_FIXTURE_H_
