#include "server/cpu/pointwise.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/graph/periodic_constant.h"

namespace actium::cpu {
namespace {

using graph::Instruction;
using tensor::Shape;

kernels::Binary ToBinary(graph::ArithmeticKind kind) {
  switch (kind) {
    case graph::ArithmeticKind::kAdd:
      return kernels::Binary::kAdd;
    case graph::ArithmeticKind::kSubtract:
      return kernels::Binary::kSubtract;
    case graph::ArithmeticKind::kMultiply:
      return kernels::Binary::kMultiply;
    case graph::ArithmeticKind::kDivide:
      return kernels::Binary::kDivide;
  }
  std::abort();  // Not an ArithmeticKind.
}

}  // namespace

struct PointwiseProgram::Building {
  std::span<const graph::Value* const> registers;
  const Shape& row;
  std::vector<int> readers = {};      // How many are yet to come, by register.
  std::vector<Operand> results = {};  // Of the instructions so far.
  std::vector<size_t> free = {};      // Temporaries that hold nothing.
};

struct PointwiseProgram::Block {
  std::span<const float* const> registers;
  const float* out;
  const float* scratch;
  int64_t first;
};

PointwiseProgram::PointwiseProgram(const graph::Program& program,
                                   std::span<const graph::Value* const> registers,
                                   const Shape& row) {
  Building building = {.registers = registers, .row = row};
  building.readers.resize(registers.size() + program.size(), 0);
  for (const Instruction& instruction : program) {
    ++building.readers[static_cast<size_t>(instruction.left)];
    if (instruction.right >= 0) ++building.readers[static_cast<size_t>(instruction.right)];
  }
  for (size_t i = 0; i < program.size(); ++i) {
    AddInstruction(program[i], i + 1 == program.size(), building);
  }
}

PointwiseProgram::Operand PointwiseProgram::AddConstant(const graph::Value& value, const Shape& row,
                                                        bool slopes) {
  auto [period, numbers] = graph::MakePeriodic(value, row, slopes);
  const auto least = static_cast<size_t>(period);
  numbers.resize(least + kBlock);
  for (size_t i = least; i < numbers.size(); ++i) numbers[i] = numbers[i - least];
  constants_.push_back({period, std::move(numbers)});
  return {Operand::Kind::kConstant, constants_.size() - 1};
}

PointwiseProgram::Operand PointwiseProgram::Take(int index, bool slopes, Building& building) {
  if (index < 0) return {};
  const auto place = static_cast<size_t>(index);
  if (place < building.registers.size()) {
    const graph::Value* const value = building.registers[place];
    if (value != nullptr && value->constant != nullptr) {
      return AddConstant(*value, building.row, slopes);
    }
    return {Operand::Kind::kRegister, place};
  }
  // A temporary is given back when its last reader has come: the reader's result may lie there.
  const Operand operand = building.results[place - building.registers.size()];
  if (--building.readers[place] == 0) building.free.push_back(operand.index);
  return operand;
}

void PointwiseProgram::AddInstruction(const Instruction& instruction, bool last,
                                      Building& building) {
  const auto* const activate = std::get_if<graph::Activate>(&instruction.step);
  Ready ready;
  ready.left = Take(instruction.left, /*slopes=*/false, building);
  ready.right = Take(instruction.right, /*slopes=*/activate != nullptr, building);
  if (activate == nullptr) {
    ready.function =
        kernels::FindBinary(ToBinary(std::get<graph::ArithmeticKind>(instruction.step)));
  } else if (instruction.right >= 0) {
    ready.function = kernels::FindBinary(kernels::Binary::kPrelu);
  } else {
    ready.function = kernels::FindActivation(activate->id, activate->parameters);
  }
  if (last) {
    ready.out = {Operand::Kind::kOut, 0};
  } else if (!building.free.empty()) {
    ready.out = {Operand::Kind::kTemporary, building.free.back()};
    building.free.pop_back();
  } else {
    ready.out = {Operand::Kind::kTemporary, temporaries_++};
  }
  const size_t own = building.registers.size() + building.results.size();
  building.results.push_back(ready.out);
  if (!last && building.readers[own] == 0) building.free.push_back(ready.out.index);
  instructions_.push_back(ready);
}

const float* PointwiseProgram::Read(const Operand& operand, const Block& block) const {
  switch (operand.kind) {
    case Operand::Kind::kRegister:
      return block.registers[operand.index] + block.first;
    case Operand::Kind::kConstant: {
      const Constant& constant = constants_[operand.index];
      return constant.numbers.data() + block.first % constant.period;
    }
    case Operand::Kind::kTemporary:
      return block.scratch + operand.index * kBlock;
    case Operand::Kind::kOut:
      return block.out + block.first;
    case Operand::Kind::kNone:
      break;
  }
  return nullptr;
}

void PointwiseProgram::Run(std::span<const float* const> registers, float* out, int64_t first,
                           int64_t count, float* scratch) const {
  if (instructions_.empty()) {
    if (registers[0] != out) std::copy_n(registers[0] + first, count, out + first);
    return;
  }
  for (int64_t done = 0; done < count; done += kBlock) {
    const Block block = {registers, out, scratch, first + done};
    const auto length = static_cast<size_t>(std::min(kBlock, count - done));
    for (const Ready& ready : instructions_) {
      const float* const left = Read(ready.left, block);
      // Temporaries and the result are ours to write.
      auto* const to = const_cast<float*>(Read(ready.out, block));
      if (const auto* activate = std::get_if<kernels::ActivationKernel>(&ready.function)) {
        (*activate)(left, to, length);
      } else {
        std::get<kernels::BinaryKernel>(ready.function)(left, Read(ready.right, block), to, length);
      }
    }
  }
}

}  // namespace actium::cpu
