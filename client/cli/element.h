#ifndef ACTIUM_CLIENT_CLI_ELEMENT_H_
#define ACTIUM_CLIENT_CLI_ELEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace actium::cli {

/// True for FP16, BF16, FP32 and FP64.
bool IsFloatingPoint(std::string_view datatype);

/// True if AppendElement() takes the type and every whole number from 0 to 255 is a value of it.
bool HoldsBytes(std::string_view datatype);

/// Appends a number as a little-endian element, rounded to the nearest value (ties to even).
///
/// datatype: any number of the protocol. value: in the type's range for integers; floating-point
/// types take everything, what is too large becomes infinity.
void AppendElement(std::string& bytes, std::string_view datatype, double value);

/// Returns the bits of the nearest binary16 (ties to even).
uint16_t ToHalf(float value);

/// Returns the value of a binary16's bits.
float FromHalf(uint16_t bits);

/// Returns the bits of the nearest bfloat16 (ties to even).
uint16_t ToBfloat16(float value);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_ELEMENT_H_
