#include "client/cli/comparison_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <utility>

#include "client/cli/exit_status.h"
#include "client/cli/terminal.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

std::string ShapeOf(const Sample& sample) {
  if (!sample.image) {
    return fmt::format("{} [{}]", sample.array->datatype, fmt::join(sample.array->shape, ", "));
  }
  const Image& image = *sample.image;
  return fmt::format("{} x {} {}", image.width, image.height, image.channels == 1 ? "gray" : "RGB");
}

// What FromImage() does to a picture beyond its element type.
std::string Conversion(const Sample& sample, const ModelTarget& target) {
  if (sample.array && FromArray(*sample.array, target.input).ok()) return "";
  if (!sample.image || !target.layout.ok()) return "";
  const Image& image = *sample.image;
  const PictureLayout& layout = *target.layout;
  const int channels = layout.channels == 0 ? image.channels : layout.channels;
  const int width = layout.width == 0 ? image.width : layout.width;
  const int height = layout.height == 0 ? image.height : layout.height;
  if (channels == image.channels && width == image.width && height == image.height) return "";
  return fmt::format("{} to {} x {} {}", ShapeOf(sample), width, height,
                     channels == 1 ? "gray" : "RGB");
}

absl::StatusOr<ClassOrder> FindClasses(client::Client& server, const ModelTarget& target,
                                       const ComparisonData& data, const Sample& first) {
  const auto& names = data.source->class_names();
  if (names.empty()) return ClassOrder{};
  ACTIUM_ASSIGN_OR_RETURN(const Array tensor, FromSample(first, data.target.input,
                                                         data.target.layout, data.target.scale));
  ACTIUM_ASSIGN_OR_RETURN(const auto labels, ReadModelLabels(server, target, tensor));
  auto order = OrderClasses(names, labels);
  if (!order.ok()) return Annotate(order.status(), data.part.path);
  return order;
}

std::string ClassesText(const ComparisonData& data) {
  if (data.source->class_names().empty()) return "";
  return fmt::format("; {} classes, {}", data.source->class_names().size(),
                     data.classes.by_labels ? "found among the model's labels"
                                            : "numbered in the alphabetical order of their names");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenPart(const DataPart& part,
                                                        const std::string& input,
                                                        const ComparisonOptions& options) {
  auto source =
      part.split.empty() ? OpenExamples(part.path, input) : OpenIdxExamples(part.path, part.split);
  if (!source.ok()) return source.status();
  return Thinned(*std::move(source), options.images);
}

absl::StatusOr<ComparisonData> PrepareData(client::Client& server, const DataPart& part,
                                           const std::string& variant,
                                           const ComparisonOptions& options) {
  ACTIUM_ASSIGN_OR_RETURN(const ModelTarget target,
                          FindVariantTarget(server, variant, options.input, options.output));
  ComparisonData data{.part = part,
                      .source = nullptr,
                      .target = {target.input, target.layout, options.scale},
                      .classes = {},
                      .converted = ""};
  ACTIUM_ASSIGN_OR_RETURN(data.source, OpenPart(part, target.input.name, options));
  ACTIUM_ASSIGN_OR_RETURN(const Sample first, data.source->Read(0));
  if (!part.named && !TakesUnchanged(target, first)) {
    return absl::InvalidArgumentError(
        fmt::format("model {} does not take the examples of {} ({}) as they are; name other data, "
                    "or this, by --data",
                    base::Quote(variant), part.path, ShapeOf(first)));
  }
  data.converted = Conversion(first, target);
  ACTIUM_ASSIGN_OR_RETURN(data.classes, FindClasses(server, target, data, first));
  return data;
}

absl::StatusOr<std::vector<std::string>> FindModelsFor(client::Client& server,
                                                       const Sample& example) {
  const auto index = server.RepositoryIndex();
  if (!index.ok()) return Annotate(index.status(), "server " + server.address());
  std::set<std::string> names;  // A model may have several versions.
  for (const auto& entry : index->models()) {
    if (entry.state() == "READY") names.insert(entry.name());
  }
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const auto target = FindVariantTarget(server, name, "", "");
    // A model with several inputs takes no example.
    if (target.status().code() == absl::StatusCode::kInvalidArgument) continue;
    if (!target.ok()) return target.status();
    if (TakesUnchanged(*target, example)) found.push_back(name);
  }
  if (!found.empty()) return found;
  return absl::NotFoundError(
      fmt::format("no model is ready that takes the data's examples ({}) as they are; name models, "
                  "or see `actium models`",
                  ShapeOf(example)));
}

std::string Describe(const ComparisonData& data) {
  return fmt::format(
      "Data: {} ({}), {} examples{}{}.", Printable(data.part.path), data.source->kind(),
      data.source->count(), ClassesText(data),
      data.converted.empty() ? "" : fmt::format("; converted, the first from {}", data.converted));
}

Json ToJson(const ComparisonData& data) {
  Json json = {{"path", data.part.path},
               {"part", data.part.split},
               {"kind", data.source->kind()},
               {"examples", data.source->count()},
               {"labelled", data.source->labelled()},
               {"converted", data.converted}};
  if (data.source->class_names().empty()) return json;
  json["classes"] = data.source->class_names();
  json["model_classes"] = data.classes.model_class;
  json["classes_by_labels"] = data.classes.by_labels;
  return json;
}

}  // namespace actium::cli
