#include "server/graph/text.h"

#include <bit>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/graph/attributes.h"

namespace actium::graph {
namespace {

// The shortest text that reads back as the same bits: of a NaN other than the usual one its bits.
std::string FloatText(float number) {
  const auto bits = std::bit_cast<uint32_t>(number);
  const bool usual = bits == std::bit_cast<uint32_t>(std::numeric_limits<float>::quiet_NaN());
  return std::isnan(number) && !usual ? fmt::format("0x{:08x}", bits) : fmt::format("{}", number);
}

std::string ListText(std::span<const int64_t> numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

std::string AttributeText(int64_t number) { return fmt::to_string(number); }
std::string AttributeText(int number) { return fmt::to_string(number); }
std::string AttributeText(double number) { return fmt::to_string(number); }
std::string AttributeText(bool value) { return value ? "true" : "false"; }
std::string AttributeText(const Pair& pair) { return ListText(pair); }
std::string AttributeText(const tensor::Shape& shape) { return ListText(shape); }
std::string AttributeText(Pool::Kind kind) {
  return std::string(kPoolKindNames[static_cast<size_t>(kind)]);
}

// Attributes that differ from their defaults, a blank before each.
std::string AttributesText(const Op& op) {
  std::string text;
  const auto append = [&text]<class O>(const O& known) {
    ForEachAttribute<O>([&](std::string_view name, auto member) {
      if (known.*member == O().*member) return;
      text += fmt::format(" {}={}", name, AttributeText(known.*member));
    });
  };
  std::visit(append, op);
  return text;
}

// Bytes that would end the text or the line, or that no terminal shows, become \xNN.
std::string StringText(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\') {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text.push_back(c);
    }
  }
  return text + '"';
}

std::string ActivateText(const Instruction& instruction, const Activate& activate) {
  const activation::Row& row = activation::Get(activate.id);
  std::string text = instruction.right == -1
                         ? fmt::format("{}({})", row.name, instruction.left)
                         : fmt::format("{}({}, {})", row.name, instruction.left, instruction.right);
  for (size_t i = 0; i < activate.parameters.size(); ++i) {
    const activation::Parameter& parameter = row.parameters[i];
    if (activate.parameters[i] == parameter.default_value) continue;
    text += fmt::format(" {}={}", parameter.name, activate.parameters[i]);
  }
  return text;
}

std::string InstructionText(const Instruction& instruction) {
  if (const auto* activate = std::get_if<Activate>(&instruction.step)) {
    return ActivateText(instruction, *activate);
  }
  const auto kind = static_cast<size_t>(std::get<ArithmeticKind>(instruction.step));
  return fmt::format("{}({}, {})", kArithmeticNames[kind], instruction.left, instruction.right);
}

std::string ProgramText(const Program& program, int first_result) {
  std::vector<std::string> lines;
  for (const Instruction& instruction : program) {
    lines.push_back(fmt::format("{} = {}", first_result++, InstructionText(instruction)));
  }
  return fmt::format(" {{ {} }}", fmt::join(lines, "; "));
}

std::string Names(const Graph& graph, std::span<const ValueId> ids) {
  std::vector<std::string_view> names;
  for (const ValueId id : ids) names.push_back(graph.value(id).name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string NodeText(const Graph& graph, const Node& node) {
  std::string text = fmt::format("{} = {}({}){}", graph.value(node.output).name, Name(node.op),
                                 Names(graph, node.inputs), AttributesText(node.op));
  if (!node.source.empty()) text += fmt::format(" source={}", StringText(node.source));
  if (const Program* program = ProgramOf(node.op); program != nullptr && !program->empty()) {
    text += ProgramText(*program, InputRegisters(node.op, node.inputs.size()));
  }
  return text;
}

std::string ConstantText(const Value& value, ConstantStyle style) {
  std::string text = fmt::format("constant {}: {}", value.name, ListText(value.shape));
  if (style == ConstantStyle::kShapes) return text;
  text += " = {";
  for (const float number : *value.constant) text += FloatText(number) + ", ";
  text.resize(text.size() - 2);  // At least one number, so a ", " too many.
  return text + '}';
}

}  // namespace

std::string ToText(const Graph& graph, ConstantStyle style) {
  std::string text;
  // In the order of the values, so that each has the same id when it is read back.
  auto node = graph.nodes().begin();
  for (ValueId id = 0; id < std::ssize(graph.values()); ++id) {
    const Value& value = graph.value(id);
    if (value.constant != nullptr) {
      text += ConstantText(value, style);
    } else if (node != graph.nodes().end() && node->output == id) {
      text += NodeText(graph, *node++);
    } else {
      text += fmt::format("input {}: {}{}", value.name,
                          absl::AsciiStrToLower(std::string(tensor::Name(value.dtype))),
                          ListText(value.shape));
    }
    text += '\n';
  }
  if (!graph.outputs().empty()) text += fmt::format("output {}\n", Names(graph, graph.outputs()));
  return text;
}

}  // namespace actium::graph
