#ifndef ACTIUM_SERVER_COMPARE_VARIANTS_H_
#define ACTIUM_SERVER_COMPARE_VARIANTS_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/handle.h"
#include "server/repository/model_repository.h"

namespace actium::compare {

/// Variants of one comparison: 2 to so many.
inline constexpr int kMostVariants = 32;

/// One of the models that are compared, its version pinned for as long as this lives.
struct Variant {
  std::string name;  ///< As the client wrote it: NAME or NAME:VERSION.
  repository::ModelHandle model;
};

/// Finds and pins variants. They may differ in everything but the inputs that they take: names,
/// types and shapes.
///
/// Errors: INVALID_ARGUMENT (fewer than 2 or more than kMostVariants, a name twice, a version that
/// is no number above 0, inputs that differ), and those of ModelRepository::Find().
absl::StatusOr<std::vector<Variant>> PinVariants(const repository::ModelRepository& repository,
                                                 std::span<const std::string> names);

/// Returns the place of the baseline among the variants; 0 for an empty name.
/// Errors: INVALID_ARGUMENT if it is none of them.
absl::StatusOr<int> FindBaseline(std::span<const Variant> variants, const std::string& baseline);

/// Returns the most rows that every variant takes in one batch, >= 1.
int LeastMaxBatchSize(std::span<const Variant> variants);

/// Says in an error's message which variant it is about; the code stays.
absl::Status InContext(const Variant& variant, const absl::Status& status);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_VARIANTS_H_
