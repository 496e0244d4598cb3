#include "server/graph/program_builder.h"

#include <algorithm>
#include <utility>

namespace actium::graph {

using Register = ProgramBuilder::Register;

Register ProgramBuilder::Input(ValueId value) {
  const auto found = std::ranges::find(inputs_, value);
  const auto index = static_cast<int>(found - inputs_.begin());
  if (found == inputs_.end()) inputs_.push_back(value);
  return {.input = true, .index = index};
}

Register ProgramBuilder::Append(Pending pending) {
  pending_.push_back(std::move(pending));
  return {.input = false, .index = static_cast<int>(pending_.size()) - 1};
}

Register ProgramBuilder::Add(Activate step, Register of) {
  return Append({.step = std::move(step), .left = of, .has_right = false, .right = {}});
}

Register ProgramBuilder::Add(Activate step, Register of, Register slopes) {
  return Append({.step = std::move(step), .left = of, .has_right = true, .right = slopes});
}

Register ProgramBuilder::Add(ArithmeticKind step, Register left, Register right) {
  return Append({.step = step, .left = left, .has_right = true, .right = right});
}

Register ProgramBuilder::Add(const Program& program, std::span<const Register> registers) {
  std::vector<Register> known(registers.begin(), registers.end());
  const auto at = [&](int index) { return known[static_cast<size_t>(index)]; };
  for (const Instruction& instruction : program) {
    const bool has_right = instruction.right >= 0;
    known.push_back(Append({.step = instruction.step,
                            .left = at(instruction.left),
                            .has_right = has_right,
                            .right = has_right ? at(instruction.right) : Register{}}));
  }
  return program.empty() ? known.front() : known.back();
}

Program ProgramBuilder::Build() const {
  const auto number = [&](Register reg) {
    return reg.input ? reg.index : reg.index + static_cast<int>(inputs_.size());
  };
  Program program;
  for (const Pending& pending : pending_) {
    program.push_back({.step = pending.step,
                       .left = number(pending.left),
                       .right = pending.has_right ? number(pending.right) : -1});
  }
  return program;
}

}  // namespace actium::graph
