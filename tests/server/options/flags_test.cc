#include "server/options/flags.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/scoped_variable.h"
#include "tests/support/temp_repository.h"

namespace actium::options {
namespace {

using test::ScopedVariable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "actium-server");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(FlagsTest, HasDefaultsForAllButTheRepository) {
  const CommandLine line = Parse({"--model-repository", "models"});
  ASSERT_FALSE(line.exit.has_value()) << line.exit->text;
  EXPECT_THAT(line.options.model_repositories, ElementsAre("models"));
  EXPECT_EQ(line.options.grpc_address, "0.0.0.0");
  EXPECT_EQ(line.options.grpc_port, 8001);
  EXPECT_EQ(line.options.grpc_max_message_bytes, 256 << 20);
  EXPECT_EQ(line.options.exit_timeout, std::chrono::seconds(30));
  EXPECT_EQ(line.options.intra_op_threads, 1);
  EXPECT_TRUE(line.options.fuse);
  EXPECT_FALSE(line.options.strict_readiness);
  EXPECT_EQ(line.options.device.kind, DeviceChoice::Kind::kAuto);
  EXPECT_EQ(line.options.gpu_streams, 2);
  EXPECT_EQ(line.options.on_gpu_failure, OnGpuFailure::kUnready);
}

TEST(FlagsTest, ReadsTritonsSpellings) {
  const CommandLine line =
      Parse({"--model-repository=a", "--model-repository", "b", "--grpc-port=0",
             "--strict-readiness=true", "--strict-model-config=false", "--exit-timeout-secs=5",
             "--log-verbose=1", "--http-port=9000", "--allow-metrics=false", "--metrics-port=0",
             "--log-format=json"});
  ASSERT_FALSE(line.exit.has_value()) << line.exit->text;
  EXPECT_THAT(line.options.model_repositories, ElementsAre("a", "b"));
  EXPECT_EQ(line.options.grpc_port, 0);
  EXPECT_TRUE(line.options.allow_http);
  EXPECT_EQ(line.options.http_port, 9000);
  EXPECT_FALSE(line.options.allow_metrics);
  EXPECT_EQ(line.options.metrics_port, 0);
  EXPECT_TRUE(line.options.strict_readiness);
  EXPECT_FALSE(line.options.strict_model_config);
  EXPECT_EQ(line.options.exit_timeout, std::chrono::seconds(5));
  EXPECT_EQ(line.options.log_level, base::log::Level::kDebug);
  EXPECT_EQ(line.options.log_format, base::log::Format::kJson);
}

TEST(FlagsTest, TheEngineIsChosen) {
  EXPECT_TRUE(Parse({"--model-repository=a", "--engine=auto"}).options.fuse);
  EXPECT_FALSE(Parse({"--model-repository=a", "--engine=libtorch"}).options.fuse);
}

TEST(FlagsTest, TheDeviceIsChosen) {
  const CommandLine line = Parse({"--model-repository=a", "--device=cuda:3",
                                  "--cuda-plugin=/lib/other.so", "--gpu-streams=4"});
  ASSERT_FALSE(line.exit.has_value()) << line.exit->text;
  EXPECT_EQ(line.options.device.kind, DeviceChoice::Kind::kCuda);
  EXPECT_EQ(line.options.device.index, 3);
  EXPECT_EQ(line.options.cuda_plugin, "/lib/other.so");
  EXPECT_EQ(line.options.gpu_streams, 4);

  const CommandLine wrong = Parse({"--model-repository=a", "--device=tpu"});
  ASSERT_TRUE(wrong.exit.has_value());
  EXPECT_EQ(wrong.exit->status, kExitArguments);
  EXPECT_THAT(wrong.exit->text, HasSubstr("--device must be auto, cpu, cuda or cuda:N"));
  for (const char* streams : {"--gpu-streams=0", "--gpu-streams=17"}) {
    EXPECT_TRUE(Parse({"--model-repository=a", streams}).exit.has_value()) << streams;
  }
}

TEST(FlagsTest, WhatFollowsAGpusFailureIsChosen) {
  const auto chosen = [](const char* value) {
    return Parse({"--model-repository=a", "--on-gpu-failure", value});
  };
  EXPECT_EQ(chosen("cpu").options.on_gpu_failure, OnGpuFailure::kCpu);
  EXPECT_EQ(chosen("unready").options.on_gpu_failure, OnGpuFailure::kUnready);
  const CommandLine wrong = chosen("restart");
  ASSERT_TRUE(wrong.exit.has_value());
  EXPECT_EQ(wrong.exit->status, kExitArguments);
  EXPECT_THAT(wrong.exit->text, HasSubstr("--on-gpu-failure: restart not in {"));
}

TEST(FlagsTest, TakesSizesWithUnits) {
  const CommandLine line = Parse(
      {"--model-repository=a", "--grpc-max-message-bytes=4MiB", "--max-bytes-in-flight=1GiB"});
  ASSERT_FALSE(line.exit.has_value()) << line.exit->text;
  EXPECT_EQ(line.options.grpc_max_message_bytes, 4 << 20);
  EXPECT_EQ(line.options.max_bytes_in_flight, 1 << 30);
}

TEST(FlagsTest, TheCommandLineGoesBeforeTheFileAndTheFileBeforeTheEnvironment) {
  const test::TempRepository folder;
  const std::string file = folder.Write("server.toml",
                                        "model-repository = [\"from-file\"]\n"
                                        "grpc-port = 2222\n"
                                        "threads = 2\n");
  const ScopedVariable port("ACTIUM_GRPC_PORT", "3333");
  const ScopedVariable address("ACTIUM_GRPC_ADDRESS", "127.0.0.1");
  const CommandLine line = Parse({"--config", file.c_str(), "--threads", "1"});
  ASSERT_FALSE(line.exit.has_value()) << line.exit->text;
  EXPECT_THAT(line.options.model_repositories, ElementsAre("from-file"));
  EXPECT_EQ(line.options.threads, 1);
  EXPECT_EQ(line.options.grpc_port, 2222);
  EXPECT_EQ(line.options.grpc_address, "127.0.0.1");
}

TEST(FlagsTest, HelpAndVersionEndWell) {
  const CommandLine help = Parse({"--help"});
  ASSERT_TRUE(help.exit.has_value());
  EXPECT_EQ(help.exit->status, kExitOk);
  for (const char* part :
       {"--model-repository", "--http-port", "a free port, which is logged [8002]", "Exit status",
        "Example:", "ACTIUM_GRPC_PORT"}) {
    EXPECT_THAT(help.exit->text, HasSubstr(part));
  }
  const CommandLine version = Parse({"--version"});
  ASSERT_TRUE(version.exit.has_value());
  EXPECT_EQ(version.exit->status, kExitOk);
  EXPECT_EQ(version.exit->text, std::string(Version()) + "\n");
}

struct BadCase {
  std::string name;
  std::vector<const char*> arguments;
  std::string message;
};

class BadFlagsTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadFlagsTest, EndWithTwoAndNameTheFlag) {
  const CommandLine line = Parse(GetParam().arguments);
  ASSERT_TRUE(line.exit.has_value());
  EXPECT_EQ(line.exit->status, kExitArguments);
  EXPECT_THAT(line.exit->text, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFlagsTest,
    ::testing::Values(
        BadCase{"Nothing", {}, "--model-repository is required"},
        BadCase{"UnknownFlag", {"--model-repository=a", "--grcp-port=1"}, "--grcp-port"},
        BadCase{"PortTooLarge", {"--model-repository=a", "--grpc-port=65536"}, "--grpc-port"},
        BadCase{
            "NoThreads", {"--model-repository=a", "--intra-op-threads=0"}, "--intra-op-threads"},
        BadCase{"MessageTooLarge",
                {"--model-repository=a", "--grpc-max-message-bytes=2GiB"},
                "--grpc-max-message-bytes"},
        BadCase{"Engine", {"--model-repository=a", "--engine=onnx"}, "--engine"},
        BadCase{"LogFormat", {"--model-repository=a", "--log-format=xml"}, "--log-format"},
        BadCase{"MissingFile", {"--config=/does/not/exist.toml"}, "/does/not/exist.toml"},
        BadCase{"TlsWithoutKey",
                {"--model-repository=a", "--grpc-use-ssl", "--grpc-server-cert=c"},
                "--grpc-server-key"},
        BadCase{"ProbeWithoutInput", {"--probe=m.pt"}, "--probe needs at least one --input"}),
    [](const auto& test) { return test.param.name; });

TEST(FlagsTest, AnUnknownKeyInTheFileIsAnError) {
  const test::TempRepository folder;
  const std::string file = folder.Write("server.toml", "grcp-port = 1\n");
  const CommandLine line = Parse({"--model-repository=a", "--config", file.c_str()});
  ASSERT_TRUE(line.exit.has_value());
  EXPECT_EQ(line.exit->status, kExitArguments);
  EXPECT_THAT(line.exit->text, HasSubstr("grcp-port"));
}

}  // namespace
}  // namespace actium::options
