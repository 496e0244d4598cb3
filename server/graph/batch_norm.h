#ifndef ACTIUM_SERVER_GRAPH_BATCH_NORM_H_
#define ACTIUM_SERVER_GRAPH_BATCH_NORM_H_

#include <vector>

#include "server/graph/graph.h"

namespace actium::graph {

/// What is done to each channel: x * factor + offset. One of each for every channel.
struct ChannelAffine {
  std::vector<double> factor;
  std::vector<double> offset;
};

/// Returns what a batch norm comes to. node: a BatchNorm of the graph.
ChannelAffine BatchNormAffine(const Graph& graph, const Node& node);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_BATCH_NORM_H_
