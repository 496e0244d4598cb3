#ifndef ACTIUM_TESTS_FUZZ_FUZZ_TARGET_H_
#define ACTIUM_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>

/// What libFuzzer calls, and what replay_test.cc calls for each file of a corpus. Each target
/// defines it in a file of its own; it returns 0, and ends the process if something is wrong.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // ACTIUM_TESTS_FUZZ_FUZZ_TARGET_H_
