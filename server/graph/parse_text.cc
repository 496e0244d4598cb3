#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/base/status_macros.h"
#include "server/graph/attributes.h"
#include "server/graph/line_reader.h"
#include "server/graph/text.h"

namespace actium::graph {
namespace {

// Returns the operation with that name and its attributes' defaults, if there is one.
template <size_t kIndex = 0>
std::optional<Op> DefaultOp(std::string_view name) {
  if constexpr (kIndex < std::variant_size_v<Op>) {
    Op op(std::in_place_index<kIndex>);
    return Name(op) == name ? op : DefaultOp<kIndex + 1>(name);
  } else {
    return std::nullopt;
  }
}

// Reads one of some words as its place among them.
absl::StatusOr<size_t> ReadOneOf(LineReader& line, std::span<const std::string_view> words) {
  const auto found = std::ranges::find(words, line.NextWord());
  if (found == words.end()) return line.Wrong(fmt::format("one of {}", fmt::join(words, ", ")));
  ACTIUM_RETURN_IF_ERROR(line.Word("").status());
  return static_cast<size_t>(found - words.begin());
}

absl::Status ReadValue(LineReader& line, int64_t& value) { return line.Number(value); }
absl::Status ReadValue(LineReader& line, int& value) { return line.Number(value); }
absl::Status ReadValue(LineReader& line, double& value) { return line.Number(value); }

absl::Status ReadValue(LineReader& line, bool& value) {
  constexpr std::string_view kWords[] = {"false", "true"};
  ACTIUM_ASSIGN_OR_RETURN(const size_t place, ReadOneOf(line, kWords));
  value = place == 1;
  return absl::OkStatus();
}

absl::Status ReadValue(LineReader& line, Pool::Kind& value) {
  ACTIUM_ASSIGN_OR_RETURN(const size_t place, ReadOneOf(line, kPoolKindNames));
  value = static_cast<Pool::Kind>(place);
  return absl::OkStatus();
}

absl::Status ReadValue(LineReader& line, Pair& value) {
  ACTIUM_RETURN_IF_ERROR(line.Expect('['));
  ACTIUM_RETURN_IF_ERROR(line.Number(value[0]));
  ACTIUM_RETURN_IF_ERROR(line.Expect(','));
  ACTIUM_RETURN_IF_ERROR(line.Number(value[1]));
  return line.Expect(']');
}

absl::Status ReadValue(LineReader& line, tensor::Shape& value) {
  value.clear();
  return line.List('[', ']', [&] { return line.Number(value.emplace_back()); });
}

// Reads "name=value" as long as words follow. read_value(name) reads the value, and returns nothing
// if it does not know the name.
template <class ReadNamed>
absl::Status ReadAttributes(LineReader& line, ReadNamed read_value) {
  std::vector<std::string_view> seen;  // Known names, so there are few.
  while (!line.NextWord().empty()) {
    if (std::ranges::find(seen, line.NextWord()) != seen.end()) {
      return line.Wrong("each attribute once");
    }
    const LineReader at_name = line;
    ACTIUM_ASSIGN_OR_RETURN(const std::string_view name, line.Word(""));
    seen.push_back(name);
    ACTIUM_RETURN_IF_ERROR(line.Expect('='));
    const std::optional<absl::Status> read = read_value(name);
    if (!read.has_value()) return at_name.Wrong("an attribute of the operation");
    ACTIUM_RETURN_IF_ERROR(*read);
  }
  return absl::OkStatus();
}

absl::Status ReadOpAttributes(LineReader& line, Op& op, std::string& source) {
  const auto read_known = [&](std::string_view given, auto& known) {
    std::optional<absl::Status> result;
    ForEachAttribute<std::decay_t<decltype(known)>>([&](std::string_view name, auto member) {
      if (name == given) result = ReadValue(line, known.*member);
    });
    return result;
  };
  return ReadAttributes(line, [&](std::string_view name) -> std::optional<absl::Status> {
    if (name != "source") {
      return std::visit([&](auto& known) { return read_known(name, known); }, op);
    }
    absl::StatusOr<std::string> text = line.String();
    if (text.ok()) source = *std::move(text);
    return text.status();
  });
}

absl::StatusOr<Activate> ReadParameters(LineReader& line, const activation::Row& row) {
  Activate activate = {.id = row.id, .parameters = {}};
  // Those of prelu are in a register.
  const bool in_register = row.id == activation::Activation::kPrelu;
  const auto known =
      in_register ? std::span<const activation::Parameter>() : std::span(row.parameters);
  for (const auto& parameter : known) activate.parameters.push_back(parameter.default_value);
  ACTIUM_RETURN_IF_ERROR(
      ReadAttributes(line, [&](std::string_view name) -> std::optional<absl::Status> {
        const auto found = std::ranges::find(known, name, &activation::Parameter::name);
        if (found == known.end()) return std::nullopt;
        return line.Number(activate.parameters[static_cast<size_t>(found - known.begin())]);
      }));
  return activate;
}

// Reads "leaky_relu(3) slope=0.1" or "add(2, 0)".
absl::StatusOr<Instruction> ReadInstruction(LineReader& line) {
  const std::string_view name = line.NextWord();
  const auto kind = std::ranges::find(kArithmeticNames, name);
  const auto row = std::ranges::find(activation::Table(), name, &activation::Row::name);
  const bool activates = row != activation::Table().end();
  if (!activates && kind == kArithmeticNames.end()) {
    return line.Wrong(fmt::format("an activation or one of {}", fmt::join(kArithmeticNames, ", ")));
  }
  ACTIUM_RETURN_IF_ERROR(line.Word("").status());
  ACTIUM_RETURN_IF_ERROR(line.Expect('('));
  int left = 0;
  int right = -1;
  ACTIUM_RETURN_IF_ERROR(line.Number(left));
  if (line.Take(',')) ACTIUM_RETURN_IF_ERROR(line.Number(right));
  ACTIUM_RETURN_IF_ERROR(line.Expect(')'));
  if (!activates) {
    const auto arithmetic = static_cast<ArithmeticKind>(kind - kArithmeticNames.begin());
    return Instruction{.step = arithmetic, .left = left, .right = right};
  }
  ACTIUM_ASSIGN_OR_RETURN(Activate activate, ReadParameters(line, *row));
  return Instruction{.step = std::move(activate), .left = left, .right = right};
}

// Reads "{ 2 = prelu(0, 1); 3 = add(2, 0) }". The registers before `next` are inputs.
absl::StatusOr<Program> ReadProgram(LineReader& line, int next) {
  Program program;
  ACTIUM_RETURN_IF_ERROR(line.Expect('{'));
  do {
    const LineReader at_register = line;
    int result = 0;
    ACTIUM_RETURN_IF_ERROR(line.Number(result));
    if (result != next) return at_register.Wrong(fmt::format("register {}", next));
    ++next;
    ACTIUM_RETURN_IF_ERROR(line.Expect('='));
    ACTIUM_ASSIGN_OR_RETURN(Instruction instruction, ReadInstruction(line));
    program.push_back(std::move(instruction));
  } while (line.Take(';'));
  if (!line.Take('}')) return line.Wrong("';' or '}'");
  return program;
}

absl::StatusOr<tensor::DType> ReadDType(LineReader& line) {
  const std::string name = absl::AsciiStrToUpper(std::string(line.NextWord()));
  const std::optional<tensor::DType> dtype = tensor::ParseDType(name);
  if (!dtype.has_value()) return line.Wrong("a type, as uint8 or fp32");
  ACTIUM_RETURN_IF_ERROR(line.Word("").status());
  return *dtype;
}

class Parser {
 public:
  explicit Parser(ConstantNumbers constants) : constants_(constants) {}

  absl::StatusOr<Graph> Parse(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      LineReader reader(line, ++number);
      if (!reader.AtEnd()) ACTIUM_RETURN_IF_ERROR(ReadLine(reader));
    }
    if (!graph_.outputs().empty()) return std::move(graph_);
    return LineReader("", number).Wrong("a line 'output ...' in the text");
  }

 private:
  absl::Status ReadLine(LineReader& line) {
    ACTIUM_ASSIGN_OR_RETURN(const std::string_view word,
                            line.Word("a name, or input, constant or output"));
    // '=' first: input, constant and output are names, too.
    ACTIUM_RETURN_IF_ERROR(line.Take('=')       ? ReadNode(line, word)
                           : word == "input"    ? ReadInput(line)
                           : word == "constant" ? ReadConstant(line)
                           : word == "output"   ? ReadOutputs(line)
                                                : line.Wrong("'='"));
    return line.AtEnd() ? absl::OkStatus() : line.Wrong("the end of the line");
  }

  absl::Status ReadInput(LineReader& line) {
    ACTIUM_ASSIGN_OR_RETURN(const std::string_view name, line.Word("a name"));
    ACTIUM_RETURN_IF_ERROR(line.Expect(':'));
    ACTIUM_ASSIGN_OR_RETURN(const tensor::DType dtype, ReadDType(line));
    tensor::Shape shape;
    ACTIUM_RETURN_IF_ERROR(ReadValue(line, shape));
    return Added(line, name, graph_.AddInput(std::string(name), dtype, std::move(shape)));
  }

  absl::Status ReadConstant(LineReader& line) {
    ACTIUM_ASSIGN_OR_RETURN(const std::string_view name, line.Word("a name"));
    ACTIUM_RETURN_IF_ERROR(line.Expect(':'));
    tensor::Shape shape;
    ACTIUM_RETURN_IF_ERROR(ReadValue(line, shape));
    ACTIUM_ASSIGN_OR_RETURN(auto numbers, ReadNumbers(line));
    return Added(line, name,
                 graph_.AddConstant(std::string(name), std::move(shape), std::move(numbers)));
  }

  absl::StatusOr<std::shared_ptr<const Numbers>> ReadNumbers(LineReader& line) {
    if (line.AtEnd() && !constants_.empty()) {
      const auto given = constants_.front();
      constants_ = constants_.subspan(1);
      return given;
    }
    ACTIUM_RETURN_IF_ERROR(line.Expect('='));
    auto numbers = std::make_shared<Numbers>();
    ACTIUM_RETURN_IF_ERROR(
        line.List('{', '}', [&] { return line.Number(numbers->emplace_back()); }));
    return numbers;
  }

  absl::Status ReadOutputs(LineReader& line) {
    if (!graph_.outputs().empty()) return line.Wrong("'=', as the outputs are already known");
    std::vector<ValueId> outputs;
    do {
      ACTIUM_RETURN_IF_ERROR(ReadId(line, outputs));
    } while (line.Take(','));
    const absl::Status set = graph_.SetOutputs(std::move(outputs));
    return set.ok() ? set : line.At(set);
  }

  absl::Status ReadNode(LineReader& line, std::string_view name) {
    std::optional<Op> op = DefaultOp(line.NextWord());
    if (!op.has_value()) return line.Wrong("an operation");
    ACTIUM_RETURN_IF_ERROR(line.Word("").status());
    std::vector<ValueId> inputs;
    ACTIUM_RETURN_IF_ERROR(line.List('(', ')', [&] { return ReadId(line, inputs); }));
    std::string source;
    ACTIUM_RETURN_IF_ERROR(ReadOpAttributes(line, *op, source));
    if (Program* const program = MutableProgramOf(*op); program != nullptr && !line.AtEnd()) {
      ACTIUM_ASSIGN_OR_RETURN(*program, ReadProgram(line, InputRegisters(*op, inputs.size())));
    }
    return Added(line, name,
                 graph_.AddNode(std::string(name), *std::move(op), std::move(inputs), source));
  }

  absl::Status ReadId(LineReader& line, std::vector<ValueId>& ids) {
    const auto found = ids_.find(std::string(line.NextWord()));
    if (found == ids_.end()) return line.Wrong("the name of a value above");
    ids.push_back(found->second);
    return line.Word("").status();
  }

  absl::Status Added(const LineReader& line, std::string_view name,
                     const absl::StatusOr<ValueId>& id) {
    if (!id.ok()) return line.At(id.status());
    ids_.emplace(name, *id);
    return absl::OkStatus();
  }

  ConstantNumbers constants_;  // Those that no line has taken yet.
  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
};

}  // namespace

absl::StatusOr<Graph> ParseText(std::string_view text, ConstantNumbers constants) {
  return Parser(constants).Parse(text);
}

}  // namespace actium::graph
