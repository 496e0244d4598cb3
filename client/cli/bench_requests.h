#ifndef ACTIUM_CLIENT_CLI_BENCH_REQUESTS_H_
#define ACTIUM_CLIENT_CLI_BENCH_REQUESTS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"

namespace actium::cli {

/// The requests of a measurement, made before it and sent in turn.
using BenchRequests = std::vector<std::shared_ptr<const inference::ModelInferRequest>>;

/// A shape for an input whose own is not fixed.
struct GivenShape {
  std::string input;
  std::vector<int64_t> shape;  ///< Without the batch dimension; each >= 1.
};

/// Reads "NAME:1,28,28". Errors: INVALID_ARGUMENT.
absl::StatusOr<GivenShape> ParseGivenShape(const std::string& text);

/// Makes up to eight requests of random contents, the same at each call: integers are even in
/// [0, 255] as far as the type goes (BOOL: 0 or 1), floating-point numbers even in [0, 1).
///
/// rows: of each request, >= 1; must be 1 for a model without batch dimension.
/// shapes: for inputs with a dimension of any size.
/// Errors: INVALID_ARGUMENT (too many rows, a missing or unfitting shape, an element type that
/// cannot be made up), RESOURCE_EXHAUSTED (over 256 MiB), and those of the server.
absl::StatusOr<BenchRequests> MakeBenchRequests(client::Client& server, const std::string& model,
                                                int rows, const std::vector<GivenShape>& shapes);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_BENCH_REQUESTS_H_
