#ifndef ACTIUM_SERVER_LIBTORCH_PROGRAM_H_
#define ACTIUM_SERVER_LIBTORCH_PROGRAM_H_

// Internal to server/libtorch: the light half of LibTorch's headers is let in here.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ATen/core/TensorBody.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/libtorch/import_torchscript.h"
#include "server/libtorch/program_facts.h"

namespace actium::libtorch {

/// One argument of a program's `forward`; a tensor.
struct Argument {
  std::string name;
  bool required = true;  ///< It has no default value.
};

/// The `forward` of a TorchScript file: on the CPU, in evaluation mode, frozen (weights are
/// constants of the graph, batch norms are folded into convolutions), weights of convolutions in
/// NHWC order.
class Program {
 public:
  /// Errors: NOT_FOUND, INVALID_ARGUMENT (no TorchScript, damaged, no `forward`, an argument that
  /// is no tensor), RESOURCE_EXHAUSTED.
  static absl::StatusOr<std::unique_ptr<Program>> Load(const std::filesystem::path& file);

  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::vector<Argument>& arguments() const { return arguments_; }

  /// Type of the first floating-point weight, as "fp32"; that if there is none.
  const std::string& precision() const { return precision_; }

  const ProgramFacts& facts() const { return facts_; }

  /// Returns `forward` as a graph; see import_torchscript.h. Errors: those of ImportTorchScript();
  /// UNIMPLEMENTED if the program is stateful.
  absl::StatusOr<graph::Graph> Import(const ProgramBinding& binding) const;

  /// Runs with the first inputs.size() arguments and returns the results, each dense, on the CPU
  /// and in row-major order; one may lie in an input's memory. From any thread, unless stateful().
  ///
  /// Errors: INVALID_ARGUMENT (a result that is no tensor, or none), INTERNAL (what the program
  /// throws), RESOURCE_EXHAUSTED.
  absl::StatusOr<std::vector<at::Tensor>> Run(const std::vector<at::Tensor>& inputs) const;

  /// Runs as Run() does and drops the results, for those who observe the run.
  absl::Status RunObserved(const std::vector<at::Tensor>& inputs) const;

  /// True if `forward` may change attributes of the module: then each thread needs a Copy().
  bool stateful() const;

  /// Returns a program with attributes of its own; constants stay shared.
  absl::StatusOr<std::unique_ptr<Program>> Copy() const;

 private:
  struct Module;
  static absl::StatusOr<std::unique_ptr<Program>> LoadHere(const std::filesystem::path& file);
  explicit Program(std::unique_ptr<Module> module);

  std::unique_ptr<Module> module_;
  std::vector<Argument> arguments_;
  std::string precision_ = "fp32";
  ProgramFacts facts_;
};

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_PROGRAM_H_
