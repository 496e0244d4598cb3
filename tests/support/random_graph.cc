#include "tests/support/random_graph.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/infer_shape.h"
#include "server/graph/program_builder.h"

namespace actium::test {
namespace {

using graph::Activate;
using graph::ArithmeticKind;
using graph::Numbers;
using graph::Pair;
using graph::Program;
using graph::ProgramBuilder;
using graph::ValueId;
using tensor::DType;
using tensor::Shape;
using Register = ProgramBuilder::Register;

// The same numbers with every standard library, unlike its distributions.
class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}

  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(bits_() % static_cast<uint64_t>(most - least + 1));
  }
  bool OneIn(int64_t chances) { return Between(1, chances) == 1; }
  double Real(double least, double most) {
    return least + (most - least) * static_cast<double>(bits_() >> 11) * 0x1p-53;
  }
  float Float(double least, double most) { return static_cast<float>(Real(least, most)); }
  template <class Range>
  auto Of(const Range& range) {
    return range[static_cast<size_t>(Between(0, std::ssize(range) - 1))];
  }

 private:
  std::mt19937_64 bits_;
};

int64_t ElementsOf(const Shape& shape) { return *tensor::ElementCount(shape); }

// Stands for an operation's own result in its epilogue: register 0.
constexpr ValueId kSelf = -1;

class Generator {
 public:
  Generator(uint64_t seed, const RandomGraphLimits& limits)
      : random_(seed),
        limits_(limits),
        most_elements_(4 * limits.channels * limits.pixels * limits.pixels) {}

  graph::Graph Run() {
    AddInputs();
    for (int64_t left = random_.Between(1, limits_.nodes); left > 0;) {
      // Mostly on: depth, not only width.
      if (AddStep(random_.OneIn(3) ? random_.Of(rows_) : rows_.back())) --left;
    }
    SetOutputs();
    return std::move(graph_);
  }

 private:
  // --- Values -------------------------------------------------------------------------------

  const Shape& ShapeOf(ValueId id) const { return graph_.value(id).shape; }

  ValueId AddNode(graph::Op op, std::vector<ValueId> inputs) {
    std::string name = fmt::format("{}.{}", graph::Name(op), graph_.nodes().size());
    std::string source = random_.OneIn(4) ? fmt::format("model.py:{}", graph_.nodes().size()) : "";
    const auto id = graph_.AddNode(std::move(name), std::move(op), std::move(inputs), source);
    if (!id.ok()) fmt::print(stderr, "{}\n", id.status().ToString());
    ACTIUM_CHECK(id.ok());
    return *id;
  }

  bool AddRow(graph::Op op, std::vector<ValueId> inputs) {
    rows_.push_back(AddNode(std::move(op), std::move(inputs)));
    return true;
  }

  template <class MakeNumber>
  ValueId AddConstant(const Shape& shape, MakeNumber make_number) {
    auto numbers = std::make_shared<Numbers>(static_cast<size_t>(ElementsOf(shape)));
    std::ranges::generate(*numbers, make_number);
    const auto id = graph_.AddConstant(fmt::format("c{}", graph_.values().size()), shape, numbers);
    ACTIUM_CHECK(id.ok());
    return *id;
  }

  ValueId AddConstant(const Shape& shape, double least, double most) {
    return AddConstant(shape, [&] { return random_.Float(least, most); });
  }

  // A constant of any shape that broadcasts to a row, safe to multiply with and to divide by.
  ValueId BroadcastConstant(const Shape& row) {
    Shape shape(row.end() - random_.Between(0, std::ssize(row)), row.end());
    for (int64_t& size : shape) size = random_.OneIn(2) ? size : 1;
    ValueId& known = broadcast_[{shape.begin(), shape.end()}];
    if (known == 0 || !random_.OneIn(4)) {
      known = AddConstant(
          shape, [&] { return random_.Float(0.7, 1.2) * (random_.OneIn(2) ? 1.0f : -1.0f); });
    }
    return known;
  }

  std::vector<ValueId> RowsLike(const Shape& shape) const {
    std::vector<ValueId> like;
    for (const ValueId id : rows_) {
      if (ShapeOf(id) == shape) like.push_back(id);
    }
    return like;
  }

  void AddInputs() {
    const Shape image = {random_.Between(1, limits_.channels), random_.Between(1, limits_.pixels),
                         random_.Between(1, limits_.pixels)};
    AddInput(image);
    if (random_.OneIn(3)) AddInput(image);
    if (random_.OneIn(4)) AddInput({random_.Between(1, limits_.channels)});
  }

  // Adds an input and, unless it is of floats, the nodes that bring its numbers to our scale.
  void AddInput(const Shape& row) {
    constexpr DType kTypes[] = {DType::kBool,  DType::kUint8,  DType::kUint16, DType::kUint32,
                                DType::kInt8,  DType::kInt16,  DType::kInt32,  DType::kInt64,
                                DType::kFp16,  DType::kBf16,   DType::kFp32,   DType::kFp64,
                                DType::kUint8, DType::kUint64, DType::kFp32};
    const DType dtype = random_.OneIn(2) ? DType::kFp32 : random_.Of(kTypes);
    const auto id = graph_.AddInput(fmt::format("input{}", graph_.inputs().size()), dtype, row);
    ACTIUM_CHECK(id.ok());
    if (dtype == DType::kFp32 && !random_.OneIn(8)) {
      rows_.push_back(*id);
      return;
    }
    const ValueId floats = AddNode(graph::Cast{}, {*id});
    if (dtype == DType::kBool || tensor::IsFloatingPoint(dtype)) {
      rows_.push_back(floats);
      return;
    }
    ProgramBuilder builder;
    builder.Add(ArithmeticKind::kMultiply, builder.Input(floats),
                builder.Input(AddConstant({}, 0.005, 0.015)));
    AddRow(graph::Pointwise{builder.Build()}, builder.inputs());
  }

  // What no node reads, so that every node matters; and sometimes what one does.
  void SetOutputs() {
    const std::vector<int> uses = graph_.UseCounts();
    std::vector<ValueId> outputs;
    for (const graph::Node& node : graph_.nodes()) {
      if (uses[static_cast<size_t>(node.output)] == 0 || random_.OneIn(16)) {
        outputs.push_back(node.output);
      }
    }
    ACTIUM_CHECK(graph_.SetOutputs(std::move(outputs)).ok());
  }

  // --- Operations: each returns false, and has added nothing, if it does not fit x ------------

  bool AddStep(ValueId x) {
    const bool image = ShapeOf(x).size() == 3;
    const bool scalar = ShapeOf(x).empty();
    switch (random_.Between(0, 13)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return image && AddConvolution(x);
      case 4:
        return !scalar && AddLinear(x);
      case 5:
        return !scalar && AddBatchNorm(x);
      case 6:
      case 7:
        return AddPointwise(x);
      case 8:
        return image && AddPool(x);
      case 9:
        return image && random_.OneIn(3) && AddRow(graph::GlobalAverage{}, {x});
      case 10:
        return random_.OneIn(3) && AddReshape(x);
      case 11:
        return !scalar && AddConcat(x);
      case 12:
        return image && AddPad(x);
      default:
        return !scalar && random_.OneIn(3) && AddRow(graph::Softmax{AnyAxis(ShapeOf(x))}, {x});
    }
  }

  int AnyAxis(const Shape& row) {
    return static_cast<int>(random_.Between(0, std::ssize(row) - 1));
  }

  int64_t AnyDivisor(int64_t number) {
    int64_t divisor = random_.Between(1, number);
    while (number % divisor != 0) --divisor;
    return divisor;
  }

  Pair AnyPair(int64_t least, int64_t most) {
    return {random_.Between(least, most), random_.Between(least, most)};
  }

  bool AddConvolution(ValueId x) {
    const Shape image = ShapeOf(x);
    graph::Convolution op;
    op.groups = random_.OneIn(2) ? 1 : AnyDivisor(image[0]);
    int64_t outputs =
        op.groups * random_.Between(1, std::max<int64_t>(1, limits_.channels / op.groups));
    Pair kernel = AnyPair(1, 4);
    op.dilation = AnyPair(1, random_.OneIn(2) ? 1 : 3);
    if (random_.OneIn(2)) {
      // The image keeps its size, often its channels: what residual values need.
      for (size_t i = 0; i < 2; ++i) {
        kernel[i] |= 1;
        op.padding[i] = op.dilation[i] * (kernel[i] - 1) / 2;
      }
      if (random_.OneIn(2)) outputs = image[0];
    } else {
      op.stride = AnyPair(1, 3);
      op.padding = AnyPair(0, 2);
    }
    Shape row = {outputs};
    for (size_t i = 0; i < 2; ++i) {
      row.push_back(graph::WindowPositions(image[i + 1], kernel[i], op.stride[i], op.padding[i],
                                           op.dilation[i], /*ceil_mode=*/false));
    }
    if (row[1] < 1 || row[2] < 1 || ElementsOf(row) > most_elements_) return false;
    const ValueId weight = AddWeight({outputs, image[0] / op.groups, kernel[0], kernel[1]});
    std::vector<ValueId> inputs = {x, weight, AddConstant({outputs}, -0.5, 0.5)};
    AddEpilogue(row, op.epilogue, inputs);
    return AddRow(std::move(op), std::move(inputs));
  }

  // Somewhat smaller than what keeps the scale: residual values make numbers grow.
  ValueId AddWeight(const Shape& shape) {
    const double bound =
        std::sqrt(2.0 * static_cast<double>(shape[0]) / static_cast<double>(ElementsOf(shape)));
    return AddConstant(shape, -bound, bound);
  }

  bool AddLinear(ValueId x) {
    Shape row = ShapeOf(x);
    const int64_t outputs = random_.Between(1, limits_.channels);
    const ValueId weight = AddWeight({outputs, row.back()});
    row.back() = outputs;
    std::vector<ValueId> inputs = {x, weight, AddConstant({outputs}, -0.5, 0.5)};
    graph::Linear op;
    AddEpilogue(row, op.epilogue, inputs);
    return AddRow(std::move(op), std::move(inputs));
  }

  bool AddBatchNorm(ValueId x) {
    const Shape channels = {ShapeOf(x)[0]};
    const graph::BatchNorm op = {random_.OneIn(2) ? graph::BatchNorm().epsilon
                                                  : random_.Real(0, 0.1)};
    const ValueId mean = AddConstant(channels, -0.5, 0.5);
    const ValueId variance = AddConstant(channels, 0.5, 2);
    const ValueId scale = AddConstant(channels, -1.2, 1.2);
    return AddRow(op, {x, mean, variance, scale, AddConstant(channels, -0.5, 0.5)});
  }

  bool AddPool(ValueId x) {
    const Shape image = ShapeOf(x);
    graph::Pool op;
    op.kind = random_.OneIn(2) ? graph::Pool::Kind::kMax : graph::Pool::Kind::kAverage;
    op.ceil_mode = random_.OneIn(2);
    op.count_padding = op.kind == graph::Pool::Kind::kAverage && random_.OneIn(2);
    op.kernel = AnyPair(1, 4);
    op.stride = AnyPair(1, 3);
    for (size_t i = 0; i < 2; ++i) {
      op.padding[i] = random_.Between(0, op.kernel[i] / 2);
      if (graph::WindowPositions(image[i + 1], op.kernel[i], op.stride[i], op.padding[i], 1,
                                 op.ceil_mode) < 1) {
        return false;
      }
    }
    return AddRow(op, {x});
  }

  bool AddPad(ValueId x) {
    Shape row = ShapeOf(x);
    graph::Pad op;
    op.before = AnyPair(0, 2);
    op.after = random_.OneIn(2) ? op.before : AnyPair(0, 2);
    if (random_.OneIn(2)) op.value = random_.Real(-1, 1);
    for (size_t i = 0; i < 2; ++i) row[i + 1] += op.before[i] + op.after[i];
    return ElementsOf(row) <= most_elements_ && AddRow(op, {x});
  }

  bool AddReshape(ValueId x) {
    graph::Reshape op;
    int64_t left = ElementsOf(ShapeOf(x));
    for (int64_t more = random_.Between(left == 1 ? 0 : 1, 4); more > 0; --more) {
      op.shape.push_back(more == 1 ? left : AnyDivisor(left));
      left /= op.shape.back();
    }
    return AddRow(std::move(op), {x});
  }

  bool AddConcat(ValueId x) {
    const int axis = AnyAxis(ShapeOf(x));
    Shape without = ShapeOf(x);
    without[static_cast<size_t>(axis)] = 0;
    std::vector<ValueId> fitting;
    for (const ValueId id : rows_) {
      Shape shape = ShapeOf(id);
      if (shape.size() != without.size()) continue;
      shape[static_cast<size_t>(axis)] = 0;
      if (shape == without) fitting.push_back(id);
    }
    std::vector<ValueId> inputs = {x};
    int64_t elements = ElementsOf(ShapeOf(x));
    for (int64_t more = random_.Between(0, 2); more > 0; --more) {
      const ValueId other = random_.Of(fitting);
      inputs.insert(random_.OneIn(2) ? inputs.begin() : inputs.end(), other);
      elements += ElementsOf(ShapeOf(other));
    }
    if (elements > most_elements_) return false;
    return AddRow(graph::Concat{axis}, std::move(inputs));
  }

  // --- Programs -----------------------------------------------------------------------------

  bool AddPointwise(ValueId x) {
    ProgramBuilder builder;
    Register last = builder.Input(x);
    const Shape row = ShapeOf(x);  // A copy: constants are added.
    AddInstructions(row, builder, last);
    return AddRow(graph::Pointwise{builder.Build()}, builder.inputs());
  }

  void AddEpilogue(const Shape& row, Program& epilogue, std::vector<ValueId>& inputs) {
    if (random_.OneIn(4)) return;
    ProgramBuilder builder;
    Register last = builder.Input(kSelf);
    AddInstructions(row, builder, last);
    epilogue = builder.Build();
    inputs.insert(inputs.end(), builder.inputs().begin() + 1, builder.inputs().end());
  }

  void AddInstructions(const Shape& row, ProgramBuilder& builder, Register last) {
    std::vector<Register> known = {last};
    for (int64_t more = random_.Between(1, 4); more > 0; --more) {
      // Mostly a chain; sometimes the last result is never read.
      const Register x = random_.OneIn(6) ? random_.Of(known) : known.back();
      known.push_back(AddInstruction(row, builder, x, known));
    }
  }

  Register AddInstruction(const Shape& row, ProgramBuilder& builder, Register x,
                          const std::vector<Register>& known) {
    constexpr ArithmeticKind kAny[] = {ArithmeticKind::kAdd, ArithmeticKind::kSubtract,
                                       ArithmeticKind::kMultiply, ArithmeticKind::kDivide};
    switch (random_.Between(0, 5)) {
      case 0:
      case 1:
        return AddActivation(row, builder, x);
      case 2: {
        const Register constant = builder.Input(BroadcastConstant(row));
        const ArithmeticKind kind = random_.Of(kAny);
        const bool constant_first = kind != ArithmeticKind::kDivide && random_.OneIn(3);
        return constant_first ? builder.Add(kind, constant, x) : builder.Add(kind, x, constant);
      }
      case 3: {
        // A residual value; without one, an earlier register.
        const std::vector<ValueId> like = RowsLike(row);
        const Register other = like.empty() ? known.front() : builder.Input(random_.Of(like));
        return builder.Add(random_.OneIn(3) ? ArithmeticKind::kSubtract : ArithmeticKind::kAdd, x,
                           other);
      }
      case 4: {
        const Register gate = builder.Add(AnyGate(), random_.Of(known));
        return builder.Add(ArithmeticKind::kMultiply, gate, x);
      }
      default: {
        const Register gate = builder.Add(AnyGate(), random_.Of(known));
        const Register above = builder.Input(AddConstant({}, 0.6, 1.2));
        return builder.Add(ArithmeticKind::kDivide, x,
                           builder.Add(ArithmeticKind::kAdd, gate, above));
      }
    }
  }

  // Within [0, 1]: what multiplies numbers and leaves them small.
  Activate AnyGate() {
    return {
        random_.OneIn(2) ? activation::Activation::kSigmoid : activation::Activation::kHardsigmoid,
        {}};
  }

  Register AddActivation(const Shape& row, ProgramBuilder& builder, Register x) {
    const activation::Row known = random_.Of(activation::Table());
    if (known.id == activation::Activation::kPrelu) {
      const int64_t channels = row.empty() || random_.OneIn(3) ? 1 : row[0];
      return builder.Add({known.id, {}}, x, builder.Input(AddConstant({channels}, -0.5, 0.5)));
    }
    Activate step = {known.id, {}};
    const bool defaults = random_.OneIn(2);
    for (const activation::Parameter& parameter : known.parameters) {
      // Around the default; of all parameters these are in range and well scaled.
      step.parameters.push_back(parameter.default_value +
                                (defaults ? 0.0 : random_.Real(-0.5, 0.5)));
    }
    return builder.Add(std::move(step), x);
  }

  Random random_;
  const RandomGraphLimits limits_;
  const int64_t most_elements_;  // Of a row.
  graph::Graph graph_;
  std::vector<ValueId> rows_;                          // Float values that depend on an input.
  std::map<std::vector<int64_t>, ValueId> broadcast_;  // By shape, the last BroadcastConstant().
};

double RandomNumber(DType dtype, Random& random) {
  switch (dtype) {
    case DType::kBool:
      return static_cast<double>(random.Between(0, 1));
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
    case DType::kUint64:
      return static_cast<double>(random.Between(0, 255));
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64:
      return static_cast<double>(random.Between(-128, 127));
    case DType::kFp16:
    case DType::kBf16:
      return static_cast<double>(random.Between(-32, 32)) / 16;  // Few bits: exact.
    default:
      return random.OneIn(16) ? 0.0 : random.Float(-2, 2);
  }
}

}  // namespace

graph::Graph RandomGraph(uint64_t seed, const RandomGraphLimits& limits) {
  return Generator(seed, limits).Run();
}

std::vector<std::vector<double>> RandomInputs(const graph::Graph& graph, uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> inputs;
  for (const ValueId id : graph.inputs()) {
    const graph::Value& value = graph.value(id);
    std::vector<double>& numbers = inputs.emplace_back();
    for (int64_t i = 0; i < ElementsOf(value.shape); ++i) {
      numbers.push_back(RandomNumber(value.dtype, random));
    }
  }
  return inputs;
}

}  // namespace actium::test
