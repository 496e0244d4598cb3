#include "server/cuda/compile_program.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/graph/periodic_constant.h"

namespace actium::cuda {
namespace {

Arithmetic FunctionOf(graph::ArithmeticKind kind) {
  static_assert(static_cast<int>(graph::ArithmeticKind::kDivide) == 3);
  return static_cast<Arithmetic>(static_cast<int>(Arithmetic::kAdd) + static_cast<int>(kind));
}

absl::Status TooMany(std::string_view what, int most) {
  return absl::UnimplementedError(
      fmt::format("a pointwise program with more than {} {}", most, what));
}

}  // namespace

// Goes through the instructions once. A result stays in the thread's registers for the next
// instruction; for those after it, it is kept.
class CompiledProgram::Compiler {
 public:
  Compiler(std::span<const graph::Value* const> registers, const tensor::Shape& row,
           ConstantPool& pool)
      : registers_(registers), row_(row), pool_(pool) {}

  absl::StatusOr<CompiledProgram> Compile(const graph::Program& program) {
    if (std::ssize(program) > Program::kMostSteps) return TooMany("steps", Program::kMostSteps);
    FindLastReaders(program);
    if (ComputesInput()) {
      ACTIUM_ASSIGN_OR_RETURN(compiled_.program_.keep_input, Keep(0, 0));
    }
    if (program.empty() && !ComputesInput()) {  // Its value is register 0.
      Step copy;
      ACTIUM_ASSIGN_OR_RETURN(copy.left, Read(0, 0, /*slopes=*/false));
      compiled_.program_.step[compiled_.program_.steps++] = copy;
    }
    for (const graph::Instruction& instruction : program) ACTIUM_RETURN_IF_ERROR(Add(instruction));
    return std::move(compiled_);
  }

 private:
  bool ComputesInput() const { return !registers_.empty() && registers_[0] == nullptr; }

  void FindLastReaders(const graph::Program& program) {
    last_reader_.assign(registers_.size() + program.size(), -1);
    for (size_t i = 0; i < program.size(); ++i) {
      last_reader_[static_cast<size_t>(program[i].left)] = static_cast<int>(i);
      if (program[i].right >= 0) {
        last_reader_[static_cast<size_t>(program[i].right)] = static_cast<int>(i);
      }
    }
    kept_in_.assign(last_reader_.size(), Step::kNotKept);
  }

  // Finds a place for a result that a step after `next` reads.
  absl::StatusOr<int8_t> Keep(int result, int next) {
    const int last = last_reader_[static_cast<size_t>(result)];
    if (last <= next) return Step::kNotKept;
    for (int8_t i = 0; i < Program::kMostKept; ++i) {
      if (free_after_[i] >= next) continue;
      free_after_[i] = last;
      kept_in_[static_cast<size_t>(result)] = i;
      return i;
    }
    return TooMany("results that are needed later", Program::kMostKept);
  }

  absl::StatusOr<StepInput> Read(int index, int step, bool slopes) {
    if (index < 0) return StepInput();
    const auto at = static_cast<size_t>(index);
    const bool is_input = at < registers_.size();
    if (is_input && registers_[at] != nullptr) return ReadOperand(index, slopes);
    const int previous = step == 0 ? 0 : static_cast<int>(registers_.size()) + step - 1;
    if (index == previous) return StepInput{.source = Source::kPrevious};
    return StepInput{.source = Source::kKept, .index = static_cast<uint8_t>(kept_in_[at])};
  }

  absl::StatusOr<StepInput> ReadOperand(int index, bool slopes) {
    const graph::Value& value = *registers_[static_cast<size_t>(index)];
    const size_t operand = compiled_.origins_.size();
    if (operand == Program::kMostOperands) return TooMany("operands", Program::kMostOperands);
    Operand& made = compiled_.program_.operands[operand];
    Origin origin = {.tensor = index};
    made.tensor = value.constant == nullptr;
    if (!made.tensor) {
      const auto constant = graph::MakePeriodic(value, row_, slopes);
      made.period = MakeDivisor(static_cast<uint32_t>(constant.period));
      origin.constant = pool_.Add(constant.numbers, Storage::kFloat);
    }
    compiled_.origins_.push_back(origin);
    return StepInput{.source = Source::kOperand, .index = static_cast<uint8_t>(operand)};
  }

  absl::Status Add(const graph::Instruction& instruction) {
    const int number = compiled_.program_.steps;
    Step& step = compiled_.program_.step[number];
    const auto* const activate = std::get_if<graph::Activate>(&instruction.step);
    ACTIUM_ASSIGN_OR_RETURN(step.left, Read(instruction.left, number, /*slopes=*/false));
    ACTIUM_ASSIGN_OR_RETURN(step.right, Read(instruction.right, number, activate != nullptr));
    if (activate != nullptr) {
      step.function = static_cast<uint8_t>(activate->id);
      for (size_t i = 0; i < std::min(activate->parameters.size(), std::size(step.parameters));
           ++i) {
        step.parameters[i] = static_cast<float>(activate->parameters[i]);
      }
    } else {
      step.function =
          static_cast<uint8_t>(FunctionOf(std::get<graph::ArithmeticKind>(instruction.step)));
    }
    ++compiled_.program_.steps;
    ACTIUM_ASSIGN_OR_RETURN(step.keep,
                            Keep(static_cast<int>(registers_.size()) + number, number + 1));
    return absl::OkStatus();
  }

  const std::span<const graph::Value* const> registers_;
  const tensor::Shape& row_;
  ConstantPool& pool_;
  std::vector<int> last_reader_;  // By register: the last step that reads it; -1: none.
  std::vector<int8_t> kept_in_;   // By register.
  int free_after_[Program::kMostKept] = {-1, -1, -1, -1, -1, -1, -1, -1};
  CompiledProgram compiled_;
};

absl::StatusOr<CompiledProgram> CompiledProgram::Make(
    const graph::Program& program, std::span<const graph::Value* const> registers,
    const tensor::Shape& row, ConstantPool& pool) {
  return Compiler(registers, row, pool).Compile(program);
}

Program CompiledProgram::At(std::span<const void* const> tensors, const ConstantPool& pool) const {
  Program program = program_;
  for (size_t i = 0; i < origins_.size(); ++i) {
    program.operands[i].data = program.operands[i].tensor
                                   ? tensors[static_cast<size_t>(origins_[i].tensor)]
                                   : pool.at(origins_[i].constant);
  }
  return program;
}

}  // namespace actium::cuda
