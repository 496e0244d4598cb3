#ifndef ACTIUM_TESTS_LAYOUT_LAYER_RULES_H_
#define ACTIUM_TESTS_LAYOUT_LAYER_RULES_H_

#include <string>

/// 'Who may include whom' as functions of a file's path and of an include in it, both from the
/// repository's root; docs/architecture.md has the rules in words.
namespace actium::test {

/// Why this file must not include this file of ours; empty if it may, or if the include is not one
/// of ours. Generated headers (`.pb.h`) count as `proto`.
std::string LayerViolation(const std::string& file, const std::string& include);

/// Why this file must not include this third-party header; empty if it may.
std::string GateViolation(const std::string& file, const std::string& include);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_LAYOUT_LAYER_RULES_H_
