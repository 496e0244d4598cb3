#ifndef ACTIUM_SERVER_GRAPH_PERIODIC_CONSTANT_H_
#define ACTIUM_SERVER_GRAPH_PERIODIC_CONSTANT_H_

#include <cstdint>
#include <vector>

#include "server/graph/graph.h"

namespace actium::graph {

/// A constant among a program's inputs, as an engine reads it that goes through a batch's results
/// in the order in which they are stored (plan.h): result i takes number i % period.
struct PeriodicConstant {
  int64_t period = 1;          ///< 1, the channels of a pixel, or the numbers of a row.
  std::vector<float> numbers;  ///< `period` of them.
};

/// value: a constant that broadcasts to `row`, the shape of a result's row. slopes: it holds those
/// of prelu, one or one for each channel.
PeriodicConstant MakePeriodic(const Value& value, const tensor::Shape& row, bool slopes);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_PERIODIC_CONSTANT_H_
