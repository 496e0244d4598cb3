#include "client/cli/model_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "client/cli/element.h"

namespace actium::cli {
namespace {

using Order = PictureLayout::Order;

absl::Status Wrong(const ModelInput& input, const std::string& what) {
  return absl::InvalidArgumentError(fmt::format(
      "input '{}' ({} [{}]): {}", input.name, input.datatype, fmt::join(input.shape, ", "), what));
}

bool IsChannels(int64_t size) { return size == 1 || size == 3; }

// The dimensions of one row.
std::span<const int64_t> RowShape(const ModelInput& input) {
  return std::span(input.shape).subspan(input.batched ? 1 : 0);
}

bool Matches(std::span<const int64_t> shape, std::span<const int64_t> wanted) {
  return std::equal(
      shape.begin(), shape.end(), wanted.begin(), wanted.end(),
      [](int64_t size, int64_t want) { return want == -1 ? size >= 1 : size == want; });
}

// The number for a sample of a channel.
double Scaled(uint8_t sample, size_t channel, Scale scale) {
  // Means and deviations of ImageNet's training pictures, red, green, blue, as torchvision has
  // them.
  constexpr std::array<double, 3> kMean = {0.485, 0.456, 0.406};
  constexpr std::array<double, 3> kDeviation = {0.229, 0.224, 0.225};
  if (scale == Scale::kNone) return sample;
  const double unit = sample / 255.0;
  return scale == Scale::kUnit ? unit : (unit - kMean[channel]) / kDeviation[channel];
}

absl::Status CheckScale(const ModelInput& input, int channels, Scale scale) {
  if (!HoldsBytes(input.datatype)) return Wrong(input, "cannot hold a picture's samples 0 to 255");
  if (scale == Scale::kNone) return absl::OkStatus();
  if (!IsFloatingPoint(input.datatype)) {
    return Wrong(input, "--scale must be none for integers");
  }
  if (scale == Scale::kImageNet && channels != 3) {
    return Wrong(input, fmt::format("--scale imagenet needs 3 channels, got {}", channels));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelInput> FindInput(const inference::ModelMetadataResponse& metadata,
                                     const inference::ModelConfig& config,
                                     const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& input : metadata.inputs()) {
    names.push_back(input.name());
    if (input.name() != name && !(name.empty() && metadata.inputs_size() == 1)) continue;
    return ModelInput{.name = input.name(),
                      .datatype = input.datatype(),
                      .batched = config.max_batch_size() > 0 && input.shape_size() > 0,
                      .shape = {input.shape().begin(), input.shape().end()}};
  }
  if (name.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("model '{}' must have one input, or one must be named by --input; inputs: {}",
                    metadata.name(), fmt::join(names, ", ")));
  }
  return absl::InvalidArgumentError(fmt::format("model '{}' has no input '{}'; inputs: {}",
                                                metadata.name(), name, fmt::join(names, ", ")));
}

absl::StatusOr<PictureLayout> FindLayout(const ModelInput& input,
                                         const inference::ModelConfig& config) {
  std::span<const int64_t> shape = RowShape(input);
  // A model without batching may still have a leading 1 for it.
  if (!input.batched && shape.size() == 4 && (shape[0] == 1 || shape[0] == -1)) {
    shape = shape.subspan(1);
  }
  const auto layout = [&](Order order, int64_t channels, int64_t height, int64_t width) {
    const auto size = [](int64_t dimension) {
      return static_cast<int>(std::max<int64_t>(dimension, 0));
    };
    return PictureLayout{
        .order = order, .channels = size(channels), .height = size(height), .width = size(width)};
  };
  constexpr int64_t kMostSide = 1 << 15;
  if (std::any_of(shape.begin(), shape.end(), [](int64_t size) { return size > kMostSide; })) {
    return Wrong(input, fmt::format("pictures have at most {} pixels a side", kMostSide));
  }
  if (shape.size() == 2) return layout(Order::kNoChannels, 1, shape[0], shape[1]);
  if (shape.size() != 3) return Wrong(input, "its shape is none of a picture");

  bool first = IsChannels(shape[0]);
  bool last = IsChannels(shape[2]);
  for (const auto& configured : config.input()) {
    if (configured.name() != input.name) continue;
    if (configured.format() == inference::ModelInput::FORMAT_NCHW) last = false;
    if (configured.format() == inference::ModelInput::FORMAT_NHWC) first = false;
  }
  if (first) return layout(Order::kChannelsFirst, shape[0], shape[1], shape[2]);
  if (last) return layout(Order::kChannelsLast, shape[2], shape[0], shape[1]);
  return Wrong(input, "a picture must have 1 or 3 channels");
}

absl::StatusOr<Array> FromImage(const Image& original, const ModelInput& input,
                                const PictureLayout& layout, Scale scale) {
  const int channels = layout.channels == 0 ? original.channels : layout.channels;
  if (absl::Status status = CheckScale(input, channels, scale); !status.ok()) return status;
  const Image image =
      Resized(WithChannels(original, channels), layout.width == 0 ? original.width : layout.width,
              layout.height == 0 ? original.height : layout.height);
  Array tensor{.datatype = input.datatype, .shape = {}, .bytes = {}};
  switch (layout.order) {
    case Order::kNoChannels:
      tensor.shape = {image.height, image.width};
      break;
    case Order::kChannelsFirst:
      tensor.shape = {image.channels, image.height, image.width};
      break;
    case Order::kChannelsLast:
      tensor.shape = {image.height, image.width, image.channels};
      break;
  }
  while (tensor.shape.size() < input.shape.size()) tensor.shape.insert(tensor.shape.begin(), 1);

  const size_t depth = static_cast<size_t>(image.channels);
  const size_t plane = image.pixels.size() / depth;
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    const bool planar = layout.order == Order::kChannelsFirst;
    const size_t channel = planar ? i / plane : i % depth;
    const size_t source = planar ? i % plane * depth + channel : i;
    AppendElement(tensor.bytes, input.datatype, Scaled(image.pixels[source], channel, scale));
  }
  return tensor;
}

absl::StatusOr<Array> FromArray(const Array& array, const ModelInput& input) {
  if (array.datatype != input.datatype) {
    return Wrong(input, fmt::format("the file has {}", array.datatype));
  }
  if (Matches(array.shape, input.shape)) return array;
  if (!Matches(array.shape, RowShape(input))) {
    return Wrong(input, fmt::format("the file has shape [{}]", fmt::join(array.shape, ", ")));
  }
  Array row = array;
  row.shape.insert(row.shape.begin(), 1);
  return row;
}

absl::StatusOr<Array> FromSample(const Sample& sample, const ModelInput& input,
                                 const absl::StatusOr<PictureLayout>& layout, Scale scale) {
  if (sample.array) {
    auto tensor = FromArray(*sample.array, input);
    if (tensor.ok() || !sample.image) return tensor;
  }
  if (!layout.ok()) return layout.status();
  return FromImage(*sample.image, input, *layout, scale);
}

}  // namespace actium::cli
