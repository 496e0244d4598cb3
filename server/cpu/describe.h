#ifndef ACTIUM_SERVER_CPU_DESCRIBE_H_
#define ACTIUM_SERVER_CPU_DESCRIBE_H_

// Internal to server/cpu.

#include <string>
#include <vector>

#include "server/cpu/prepared_graph.h"
#include "server/engine/description.h"

namespace actium::cpu {

/// Returns a plan's steps without their times. output_names: the signature's.
std::vector<engine::Step> DescribeSteps(const graph::Graph& graph, const PreparedGraph& prepared,
                                        const std::vector<std::string>& output_names);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_DESCRIBE_H_
