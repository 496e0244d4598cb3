#ifndef ACTIUM_TESTS_BENCH_GPU_GRAPH_FILE_H_
#define ACTIUM_TESTS_BENCH_GPU_GRAPH_FILE_H_

#include <filesystem>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/graph.h"

/// A graph as two files: its text with graph::ConstantStyle::kShapes, and the constants' numbers as
/// floats of this machine, one constant after the other in the order of the text.
namespace actium::bench {

/// Errors: UNAVAILABLE names the file that cannot be written.
absl::Status WriteGraph(const graph::Graph& graph, const std::filesystem::path& text,
                        const std::filesystem::path& weights);

/// weights: empty for random numbers, the same every time, of a size that keeps results usual.
///
/// Errors: NOT_FOUND names a file that cannot be read; INVALID_ARGUMENT if the text is no graph's
/// or the weights are not its.
absl::StatusOr<graph::Graph> ReadGraph(const std::filesystem::path& text,
                                       const std::filesystem::path& weights);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_GPU_GRAPH_FILE_H_
