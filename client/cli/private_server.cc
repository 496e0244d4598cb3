#include "client/cli/private_server.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include "actium/client.h"

namespace actium::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPollInterval(20);

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The end of a log, from the start of a line.
std::string LastLines(const std::string& text) {
  constexpr size_t kMost = 2000;
  if (text.size() <= kMost) return text;
  const size_t newline = text.find('\n', text.size() - kMost);
  return newline == std::string::npos ? text.substr(text.size() - kMost) : text.substr(newline + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PrivateServer>> PrivateServer::Start(const Options& options) {
  std::string folder = (std::filesystem::temp_directory_path() / "actium-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::ResourceExhaustedError(fmt::format("cannot make a folder like {}", folder));
  }
  auto server = std::unique_ptr<PrivateServer>(new PrivateServer(folder));
  std::vector<std::string> arguments = {options.program.string(),
                                        "--grpc-address",
                                        "127.0.0.1",
                                        "--grpc-port",
                                        "0",
                                        "--allow-http=false",
                                        "--allow-metrics=false",
                                        "--port-file",
                                        (server->folder_ / "port").string()};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  auto process = ChildProcess::Start(
      arguments, {.out = server->folder_ / "log", .err = server->folder_ / "log"});
  if (!process.ok()) return process.status();
  server->process_.emplace(*std::move(process));

  const auto until = steady_clock::now() + options.ready_timeout;
  if (absl::Status status = server->WaitForAddress(until); !status.ok()) return status;
  if (absl::Status status = server->WaitUntilReady(until); !status.ok()) return status;
  return server;
}

PrivateServer::~PrivateServer() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status PrivateServer::WaitForAddress(steady_clock::time_point until) {
  while (steady_clock::now() < until) {
    std::string text = ReadAll(folder_ / "port");
    if (text.ends_with('\n')) text.pop_back();
    if (text.find(':') != std::string::npos) {
      address_ = text;
      return absl::OkStatus();
    }
    if (process_->WaitFor(kPollInterval)) return Failed("the server ended before it listened");
  }
  return Failed("the server did not listen in time");
}

absl::Status PrivateServer::WaitUntilReady(steady_clock::time_point until) {
  client::ClientOptions options;
  options.address = address_;
  auto connection = client::Client::Create(options);
  if (!connection.ok()) return connection.status();
  while (steady_clock::now() < until) {
    const auto ready = (*connection)->ServerReady({.timeout = std::chrono::seconds(2)});
    if (ready.ok() && *ready) return absl::OkStatus();
    if (process_->WaitFor(kPollInterval)) return Failed("the server ended before it was ready");
  }
  return Failed("the server was not ready in time");
}

absl::Status PrivateServer::Failed(std::string_view what) const {
  return absl::UnavailableError(fmt::format("{}; its log:\n{}", what, LastLines(Log())));
}

std::string PrivateServer::Log() const { return ReadAll(folder_ / "log"); }

std::optional<int> PrivateServer::Terminate(milliseconds timeout) {
  process_->Signal(SIGTERM);
  if (const auto status = process_->WaitFor(timeout)) return status;
  process_->Signal(SIGKILL);
  process_->WaitFor(std::chrono::seconds(10));
  return std::nullopt;
}

}  // namespace actium::cli
