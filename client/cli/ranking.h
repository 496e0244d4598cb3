#ifndef ACTIUM_CLIENT_CLI_RANKING_H_
#define ACTIUM_CLIENT_CLI_RANKING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "actium/tensors.h"
#include "inference/grpc_service.pb.h"

namespace actium::cli {

/// The classes of one picture, best first, and their probabilities; these are empty if they cannot
/// be known because not all classes were asked for.
struct Ranking {
  std::vector<client::Class> classes;
  std::vector<double> probabilities;
};
using Rankings = std::vector<Ranking>;

/// Returns how many classes an output has for each row; 0 if a dimension is not fixed.
int64_t ClassesOf(const inference::ModelMetadataResponse::TensorMetadata& output, bool batched);

/// Returns how many classes to ask for so as to show `top` with percentages: all, unless they are
/// unknown or more than 10,000.
int ClassesToRequest(int64_t classes, int top);

/// Adds probabilities where all of `classes` were returned: the scores themselves if they are
/// probabilities (none negative, sum 1), their softmax otherwise.
Rankings Rank(std::vector<std::vector<client::Class>> rows, int64_t classes);

/// Returns a class's label, or "class N" without one.
std::string NameOf(const client::Class& entry);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_RANKING_H_
