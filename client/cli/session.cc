#include "client/cli/session.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "client/cli/exit_status.h"
#include "client/cli/image.h"
#include "client/cli/terminal.h"

namespace actium::cli {

Session::Session() : server(ReadEnvironment("ACTIUM_SERVER").value_or("localhost:8001")) {}

absl::StatusOr<client::Client*> Session::Connect() {
  if (client_ != nullptr) return client_.get();
  if (!local_repository.empty()) {
    auto started = PrivateServer::Start({.program = BesideThisProgram("actium-server"),
                                         .arguments = {"--model-repository", local_repository}});
    if (!started.ok()) return started.status();
    private_server_ = *std::move(started);
    server = private_server_->address();
  }
  client::ClientOptions options;
  options.address = server;
  options.timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds * 1000));
  auto tls_options = ReadTls();
  if (!tls_options.ok()) return tls_options.status();
  options.tls = *std::move(tls_options);
  auto made = client::Client::Create(options);
  if (!made.ok()) return made.status();
  client_ = *std::move(made);
  return client_.get();
}

absl::StatusOr<std::optional<client::TlsOptions>> Session::ReadTls() const {
  if (!tls && tls_ca.empty() && tls_certificate.empty() && tls_key.empty()) return std::nullopt;
  client::TlsOptions options;
  const std::pair<const std::string*, std::string*> files[] = {
      {&tls_ca, &options.root_certificates},
      {&tls_certificate, &options.certificate_chain},
      {&tls_key, &options.private_key}};
  for (const auto& [path, contents] : files) {
    if (path->empty()) continue;
    auto bytes = ReadFile(*path);
    if (!bytes.ok()) return With(ExitStatus::kBadFile, bytes.status());
    *contents = *std::move(bytes);
  }
  return options;
}

std::filesystem::path BesideThisProgram(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return self.parent_path() / name;
}

void PrintJson(const Json& value) {
  fmt::print("{}\n", value.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace actium::cli
