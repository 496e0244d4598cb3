#ifndef ACTIUM_CLIENT_CLI_CLASS_ORDER_H_
#define ACTIUM_CLIENT_CLI_CLASS_ORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// Which of a model's classes the classes of a data set are.
struct ClassOrder {
  std::vector<int32_t> model_class;  ///< Of each class of the data.
  bool by_labels = false;            ///< By the model's labels; otherwise in the data's own order.
};

/// Finds the classes of a data set among a model's labels, by name; where a label has a "/", which
/// no folder's name can have, the data may have "_". If none of the names is a label, class i of
/// the data is class i of the model.
///
/// names: the data's classes, in its order. labels: the model's; empty: it has none.
/// Errors: INVALID_ARGUMENT names a class that is no label while others are, or two classes that
/// are the same label.
absl::StatusOr<ClassOrder> OrderClasses(const std::vector<std::string>& names,
                                        const std::vector<std::string>& labels);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_CLASS_ORDER_H_
