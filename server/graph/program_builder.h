#ifndef ACTIUM_SERVER_GRAPH_PROGRAM_BUILDER_H_
#define ACTIUM_SERVER_GRAPH_PROGRAM_BUILDER_H_

#include <span>
#include <vector>

#include "server/graph/graph.h"

namespace actium::graph {

/// Puts programs together whose inputs are not all known yet: how many there are decides the
/// numbers of all other registers.
class ProgramBuilder {
 public:
  /// Stands for an input or for an instruction's result until Build().
  struct Register {
    bool input = true;
    int index = 0;
  };

  /// Returns the register of a value; the same one for the same value.
  Register Input(ValueId value);

  /// Adds an instruction and returns its result's register. right: only where the step has one.
  Register Add(Activate step, Register of);
  Register Add(Activate step, Register of, Register slopes);
  Register Add(ArithmeticKind step, Register left, Register right);

  /// Adds a program and returns its result's register. registers: those of its inputs, in order.
  Register Add(const Program& program, std::span<const Register> registers);

  /// The values of registers 0, 1, ...
  const std::vector<ValueId>& inputs() const { return inputs_; }

  size_t instructions() const { return pending_.size(); }

  /// Returns the program, whose value is that of the last instruction.
  Program Build() const;

 private:
  struct Pending {
    std::variant<Activate, ArithmeticKind> step;
    Register left;
    bool has_right = false;
    Register right;
  };
  Register Append(Pending pending);

  std::vector<ValueId> inputs_;
  std::vector<Pending> pending_;
};

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_PROGRAM_BUILDER_H_
