#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "actium/tensors.h"
#include "client/cli/commands.h"
#include "client/cli/exit_status.h"
#include "client/cli/model_input.h"
#include "client/cli/model_target.h"
#include "client/cli/picture.h"
#include "client/cli/ranking.h"
#include "client/cli/sample_file.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

struct Options {
  std::string model;
  std::string version;
  std::vector<std::string> files;
  std::optional<int64_t> index;
  int top = 5;
  Scale scale = Scale::kNone;
  std::string input;
  std::string output;
  bool no_picture = false;
};

absl::StatusOr<inference::ModelInferResponse> Send(client::Client& server, const Options& options,
                                                   const ModelTarget& target, const Array& tensor) {
  inference::ModelInferRequest request;
  request.set_model_name(options.model);
  request.set_model_version(options.version);
  if (absl::Status status = client::AddRawInput(request, target.input.name, tensor.datatype,
                                                tensor.shape, tensor.bytes);
      !status.ok()) {
    return status;
  }
  client::RequestOutput(request, target.output, ClassesToRequest(target.classes, options.top));
  return server.Infer(request);
}

void PrintRows(const Rankings& rows, int top) {
  constexpr int kBarColumns = 24;
  for (const Ranking& row : rows) {
    size_t widest = 0;
    const size_t shown = std::min(row.classes.size(), static_cast<size_t>(top));
    for (size_t i = 0; i < shown; ++i) {
      widest = std::max(widest, DisplayWidth(Printable(NameOf(row.classes[i]))));
    }
    for (size_t i = 0; i < shown; ++i) {
      const std::string name = Printable(NameOf(row.classes[i]));
      const std::string padding(widest - DisplayWidth(name), ' ');
      if (row.probabilities.empty()) {
        fmt::print("  {}{}  {:10.4g}\n", name, padding, row.classes[i].score);
      } else {
        fmt::print("  {}{}  {} {:5.1f} %\n", name, padding,
                   RenderBar(row.probabilities[i], kBarColumns), 100 * row.probabilities[i]);
      }
    }
  }
}

Json ToJson(const std::string& file, const inference::ModelInferResponse& response,
            const Rankings& rows, int top) {
  Json json_rows = Json::array();
  for (const Ranking& row : rows) {
    Json classes = Json::array();
    for (size_t i = 0; i < std::min(row.classes.size(), static_cast<size_t>(top)); ++i) {
      Json entry = {{"index", row.classes[i].index},
                    {"label", row.classes[i].label},
                    {"score", row.classes[i].score}};
      if (!row.probabilities.empty()) entry["probability"] = row.probabilities[i];
      classes.push_back(std::move(entry));
    }
    json_rows.push_back(std::move(classes));
  }
  return {{"file", file},
          {"model", response.model_name()},
          {"version", response.model_version()},
          {"rows", std::move(json_rows)}};
}

absl::StatusOr<Json> PredictFile(client::Client& server, const Options& options,
                                 const ModelTarget& target, const std::string& file, bool show) {
  const auto sample = ReadSample(file, options.index);
  if (!sample.ok()) return sample.status();
  const auto tensor = FromSample(*sample, target.input, target.layout, options.scale);
  if (!tensor.ok()) return Annotate(tensor.status(), file);
  const auto response = Send(server, options, target, *tensor);
  if (!response.ok()) return Annotate(response.status(), file);
  auto classes = client::OutputClasses(*response, target.output);
  if (!classes.ok()) return classes.status();
  const Rankings rows = Rank(*std::move(classes), target.classes);
  if (show) {
    fmt::print("{}{}  ({} version {})\n", Printable(file),
               options.index ? fmt::format("[{}]", *options.index) : "",
               Printable(response->model_name()), Printable(response->model_version()));
    if (sample->image && !options.no_picture) {
      constexpr int kMostColumns = 48;
      fmt::print("{}", RenderPicture(*sample->image, StdoutColorMode(),
                                     std::min(kMostColumns, TerminalColumns(1))));
    }
    PrintRows(rows, options.top);
  }
  return ToJson(file, *response, rows, options.top);
}

absl::Status Run(Session& session, const Options& options) {
  const auto server = session.Connect();
  if (!server.ok()) return server.status();
  const auto target =
      FindModelTarget(**server, options.model, options.version, options.input, options.output);
  if (!target.ok()) return target.status();
  Json predictions = Json::array();
  for (const std::string& file : options.files) {
    auto prediction = PredictFile(**server, options, *target, file, !session.json);
    if (!prediction.ok()) return prediction.status();
    predictions.push_back(*std::move(prediction));
  }
  if (session.json) PrintJson({{"predictions", predictions}});
  return absl::OkStatus();
}

}  // namespace

void AddPredict(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "predict",
      "Classifies pictures: converts them to what the model wants, shows the best classes.");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "name of the model")->required();
  command->add_option("FILE", options->files, "PNG, JPEG, IDX or .npy (the last two also as .gz)")
      ->required();
  command->add_option("--index", options->index, "element of an IDX or .npy file, from 0 [IDX: 0]")
      ->type_name("N");
  command->add_option("--top", options->top, "classes to show, [1, 1000] [5]")
      ->type_name("K")
      ->check(Within(1, 1000));
  const std::map<std::string, Scale> scales = {
      {"none", Scale::kNone}, {"unit", Scale::kUnit}, {"imagenet", Scale::kImageNet}};
  command
      ->add_option("--scale", options->scale,
                   "samples as 0..255, 0..1 or by ImageNet's mean [none]")
      ->type_name("none|unit|imagenet")
      ->transform(CLI::CheckedTransformer(scales).description(""));
  command->add_option("--model-version", options->version, "version [the latest]")->type_name("N");
  command->add_option("--input", options->input, "input, if the model has several")
      ->type_name("NAME");
  command->add_option("--output", options->output, "output [the first]")->type_name("NAME");
  command->add_flag("--no-picture", options->no_picture, "do not show the picture");
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "Percentages are the softmax of the model's values, unless they are probabilities "
      "already.\n\n"
      "Example: actium predict mish t10k-images-idx3-ubyte.gz --index 7");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
