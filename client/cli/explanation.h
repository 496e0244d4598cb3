#ifndef ACTIUM_CLIENT_CLI_EXPLANATION_H_
#define ACTIUM_CLIENT_CLI_EXPLANATION_H_

#include <string>

#include "actium/v1/introspection.pb.h"

namespace actium::cli {

/// Returns what a server says about a model as text for a terminal: the weights, the steps with
/// their times, how much of the time activations take, the notes.
std::string RenderExplanation(const v1::ExplainModelResponse& explanation);

/// Returns the steps as a graph for Graphviz's `dot`: an edge for each result that a later step
/// reads. Activations are ellipses.
std::string RenderStepGraph(const v1::ExplainModelResponse& explanation);

/// Returns the model's graph as it was imported and as it runs, each with its number of values; one
/// sentence for a model that has none.
std::string RenderModelGraphs(const v1::ExplainModelResponse& explanation);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_EXPLANATION_H_
