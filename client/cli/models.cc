#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <utility>

#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

using ModelIndex = inference::RepositoryIndexResponse::ModelIndex;
using TensorMetadata = inference::ModelMetadataResponse::TensorMetadata;

// What is known of one version.
struct Version {
  ModelIndex index;
  std::optional<v1::ModelVersionStatistics> engine;  // Unset: the server does not tell.
  std::optional<inference::ModelMetadataResponse> metadata;
  int max_batch_size = 0;
  bool ready() const { return index.state() == "READY"; }
};

// Asks for what a ready version takes and gives; a version that vanishes meanwhile stays bare.
void Describe(client::Client& server, Version& version) {
  auto metadata = server.ModelMetadata(version.index.name(), version.index.version());
  if (metadata.ok()) version.metadata = *std::move(metadata);
  const auto config = server.ModelConfig(version.index.name(), version.index.version());
  if (config.ok()) version.max_batch_size = config->max_batch_size();
}

absl::StatusOr<std::vector<Version>> List(client::Client& server, const std::string& only) {
  const auto index = server.RepositoryIndex();
  if (!index.ok()) return Annotate(index.status(), server.address());
  std::map<std::pair<std::string, std::string>, v1::ModelVersionStatistics> engines;
  // Servers other than Actium do not know this method; the table then lacks a column.
  if (const auto statistics = server.DetailedStatistics(""); statistics.ok()) {
    for (const auto& version : statistics->versions()) {
      engines[{version.model(), std::to_string(version.version())}] = version;
    }
  }
  std::vector<Version> versions;
  for (const ModelIndex& entry : index->models()) {
    if (!only.empty() && entry.name() != only) continue;
    Version version;
    version.index = entry;
    if (const auto found = engines.find({entry.name(), entry.version()}); found != engines.end()) {
      version.engine = found->second;
    }
    if (version.ready()) Describe(server, version);
    versions.push_back(std::move(version));
  }
  if (versions.empty() && !only.empty()) {
    return absl::NotFoundError(fmt::format("the server has no model '{}'", only));
  }
  return versions;
}

template <class Tensors>
std::string Describe(const Tensors& tensors) {
  std::vector<std::string> texts;
  for (const TensorMetadata& tensor : tensors) {
    texts.push_back(fmt::format("{} {} [{}]", tensor.name(), tensor.datatype(),
                                fmt::join(tensor.shape(), ",")));
  }
  return Printable(fmt::format("{}", fmt::join(texts, "; ")));
}

template <class Tensors>
Json ToJson(const Tensors& tensors) {
  Json result = Json::array();
  for (const TensorMetadata& tensor : tensors) {
    result.push_back(
        {{"name", tensor.name()},
         {"datatype", tensor.datatype()},
         {"shape", std::vector<int64_t>(tensor.shape().begin(), tensor.shape().end())}});
  }
  return result;
}

Json ToJson(const Version& version) {
  Json result = {{"name", version.index.name()},
                 {"version", version.index.version()},
                 {"state", version.index.state()},
                 {"reason", version.index.reason()}};
  if (version.engine) {
    result["engine"] = version.engine->engine();
    result["precision"] = version.engine->precision();
    result["sha256"] = version.engine->sha256();
    result["not_fused"] = version.engine->not_fused();
    result["device"] = version.engine->device();
    result["not_on_gpu"] = version.engine->not_on_gpu();
  }
  if (version.metadata) {
    result["max_batch_size"] = version.max_batch_size;
    result["inputs"] = ToJson(version.metadata->inputs());
    result["outputs"] = ToJson(version.metadata->outputs());
  }
  return result;
}

// What is to be said of a version below the table; mostly nothing.
std::string Remark(const Version& version) {
  if (!version.ready()) return version.index.reason();
  if (!version.engine) return "";
  std::vector<std::string> remarks;
  if (const std::string& why = version.engine->not_on_gpu(); !why.empty()) {
    remarks.push_back(fmt::format("not on a GPU: {}", why));
  }
  if (const std::string& why = version.engine->not_fused(); !why.empty()) {
    remarks.push_back(fmt::format("not fused: {}", why));
  }
  return fmt::format("{}", fmt::join(remarks, "; "));
}

// As "cpu fp32", or "cuda fp16 on cuda:1".
std::string EngineOf(const v1::ModelVersionStatistics& version) {
  const std::string engine = fmt::format("{} {}", version.engine(), version.precision());
  const bool on_cpu = version.device().empty() || version.device() == "cpu";
  return on_cpu ? engine : fmt::format("{} on {}", engine, version.device());
}

void PrintTable(const std::vector<Version>& versions) {
  Table table({{"MODEL"},
               {"VERSION", Table::Align::kRight},
               {"STATE"},
               {"ENGINE"},
               {"BATCH", Table::Align::kRight},
               {"INPUTS"},
               {"OUTPUTS"}});
  for (const Version& version : versions) {
    const std::string engine = version.engine ? EngineOf(*version.engine) : "";
    const auto& metadata = version.metadata;
    table.AddRow({Printable(version.index.name()), Printable(version.index.version()),
                  Printable(version.index.state()), Printable(engine),
                  metadata ? std::to_string(version.max_batch_size) : "",
                  metadata ? Describe(metadata->inputs()) : "",
                  metadata ? Describe(metadata->outputs()) : ""});
  }
  fmt::print("{}", table.Render());
  for (const Version& version : versions) {
    const std::string remark = Remark(version);
    if (remark.empty()) continue;
    fmt::print("\n{}: {}\n", Printable(version.index.name()), Printable(remark));
  }
}

absl::Status Run(Session& session, const std::string& only) {
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  const auto versions = List(**server, only);
  if (!versions.ok()) return versions.status();
  if (!session.json) {
    if (versions->empty()) {
      fmt::print("The server has no models.\n");
    } else {
      PrintTable(*versions);
    }
    return absl::OkStatus();
  }
  Json models = Json::array();
  for (const Version& version : *versions) models.push_back(ToJson(version));
  PrintJson({{"models", models}});
  return absl::OkStatus();
}

}  // namespace

void AddModels(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "models", "Lists the server's models: version, state, engine, largest batch, tensors.");
  AddSharedOptions(*command, session, /*server=*/true);
  auto only = std::make_shared<std::string>();
  command->add_option("MODEL", *only, "only this model");
  command->footer("BATCH 0: the model has no batch dimension.\n\nExample: actium models --json");
  command->callback(
      [only, &chosen] { chosen = [only](Session& shared) { return Run(shared, *only); }; });
}

}  // namespace actium::cli
