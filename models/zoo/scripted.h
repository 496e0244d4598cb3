#ifndef ACTIUM_MODELS_ZOO_SCRIPTED_H_
#define ACTIUM_MODELS_ZOO_SCRIPTED_H_

#include <string>

namespace actium::zoo {

/// A module that can say what it does in TorchScript; export.h makes a file of it.
class Scripted {
 public:
  virtual ~Scripted() = default;

  /// Returns the source of a method `forward(self, x)` that computes what the module computes in
  /// evaluation mode. Parameters, buffers and children carry the names under which the module
  /// registered them: self.conv.weight; a Scripted child is called as self.block1.forward(x).
  virtual std::string ForwardScript() const = 0;
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_SCRIPTED_H_
