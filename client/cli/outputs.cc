#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actium/tensors.h"
#include "client/cli/commands.h"
#include "client/cli/comparison_report.h"
#include "client/cli/exit_status.h"
#include "client/cli/model_target.h"
#include "client/cli/sample_file.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

struct Options {
  std::vector<std::string> models_and_file;
  std::string baseline;
  std::optional<int64_t> index;
  Scale scale = Scale::kNone;
  std::string input;
  std::string output;
  bool probabilities = false;
};

absl::StatusOr<v1::CompareOutputsRequest> MakeRequest(client::Client& server,
                                                      const Options& options) {
  const std::string& file = options.models_and_file.back();
  ACTIUM_ASSIGN_OR_RETURN(const Sample sample, ReadSample(file, options.index));
  ACTIUM_ASSIGN_OR_RETURN(
      const ModelTarget target,
      FindVariantTarget(server, options.models_and_file.front(), options.input, options.output));
  const auto tensor = FromSample(sample, target.input, target.layout, options.scale);
  if (!tensor.ok()) return Annotate(tensor.status(), file);
  v1::CompareOutputsRequest request;
  for (size_t i = 0; i + 1 < options.models_and_file.size(); ++i) {
    request.add_variants(options.models_and_file[i]);
  }
  request.set_baseline(options.baseline);
  request.set_output(options.output);
  request.set_scores(options.probabilities ? v1::SCORE_KIND_PROBABILITIES : v1::SCORE_KIND_LOGITS);
  ACTIUM_RETURN_IF_ERROR(client::AddRawInput(*request.mutable_inputs(), target.input.name,
                                             tensor->datatype, tensor->shape, tensor->bytes));
  return request;
}

std::string ClassName(const v1::OutputsReport& report, int32_t number) {
  if (number < 0) return "not finite";
  if (number < report.labels_size()) return Printable(report.labels(number));
  return fmt::format("class {}", number);
}

std::string RowTable(const v1::OutputsReport& report, int row) {
  constexpr auto kRight = Table::Align::kRight;
  Table table({{"VARIANT"},
               {"CLASS"},
               {"PROBABILITY", kRight},
               {"LARGEST DIFFERENCE", kRight},
               {"ENGINE MS", kRight}});
  for (const v1::VariantOutputs& variant : report.variants()) {
    table.AddRow({Printable(variant.variant()), ClassName(report, variant.predicted(row)),
                  fmt::format("{:.2f} %", 100 * variant.probability(row)),
                  fmt::format("{:.3g}", variant.largest_difference()),
                  fmt::format("{:.3f}", static_cast<double>(variant.engine_ns()) / 1e6)});
  }
  return table.Render();
}

void Print(const v1::OutputsReport& report) {
  for (int row = 0; row < report.rows(); ++row) {
    if (report.rows() > 1) fmt::print("{}Row {}\n", row > 0 ? "\n" : "", row);
    fmt::print("{}", RowTable(report, row));
  }
  fmt::print("\nLargest difference: of any score from {}'s.\n", Printable(report.baseline()));
  for (const std::string& warning : report.warnings()) {
    fmt::print("Note: {}.\n", Printable(warning));
  }
}

absl::Status Run(Session& session, const Options& options) {
  if (options.models_and_file.size() < 3) {
    return absl::InvalidArgumentError(
        fmt::format("MODEL... FILE must be two or more models and a file, got {} words",
                    options.models_and_file.size()));
  }
  ACTIUM_ASSIGN_OR_RETURN(client::Client* const server, session.Connect());
  ACTIUM_ASSIGN_OR_RETURN(const v1::CompareOutputsRequest request, MakeRequest(*server, options));
  ACTIUM_ASSIGN_OR_RETURN(const v1::OutputsReport report, server->CompareOutputs(request));
  if (!session.json) {
    Print(report);
    return absl::OkStatus();
  }
  ACTIUM_ASSIGN_OR_RETURN(const Json json, ReportAsJson(report));
  PrintJson({{"file", options.models_and_file.back()}, {"outputs", json}});
  return absl::OkStatus();
}

}  // namespace

void AddOutputs(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "outputs", "Shows the answers of several models to one picture or array side by side.");
  auto options = std::make_shared<Options>();
  command
      ->add_option("MODEL... FILE", options->models_and_file,
                   "two or more models, then PNG, JPEG, IDX or .npy as `actium predict` takes it")
      ->required();
  command->add_option("--baseline", options->baseline, "what the others are compared with [first]")
      ->type_name("MODEL");
  command->add_option("--index", options->index, "element of an IDX or .npy file, from 0 [IDX: 0]")
      ->type_name("N");
  const std::map<std::string, Scale> scales = {
      {"none", Scale::kNone}, {"unit", Scale::kUnit}, {"imagenet", Scale::kImageNet}};
  command
      ->add_option("--scale", options->scale,
                   "samples as 0..255, 0..1 or by ImageNet's mean [none]")
      ->type_name("none|unit|imagenet")
      ->transform(CLI::CheckedTransformer(scales).description(""));
  command->add_option("--input", options->input, "input, if the models have several")
      ->type_name("NAME");
  command
      ->add_option("--output", options->output, "output with a score for each class [the only one]")
      ->type_name("NAME");
  command->add_flag("--probabilities", options->probabilities,
                    "the scores are probabilities, not logits");
  AddSharedOptions(*command, session, /*server=*/true);
  command->footer(
      "--json prints {\"file\": ..., \"outputs\": OutputsReport} as\n"
      "proto/actium/v1/outputs_comparison.proto documents it, with all scores.\n\n"
      "Example: actium outputs relu mish t10k-images-idx3-ubyte.gz --index 7");
  command->callback([options, &chosen] {
    chosen = [options](Session& shared) { return Run(shared, *options); };
  });
}

}  // namespace actium::cli
