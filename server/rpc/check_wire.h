#ifndef ACTIUM_SERVER_RPC_CHECK_WIRE_H_
#define ACTIUM_SERVER_RPC_CHECK_WIRE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>

#include "absl/status/status.h"

namespace actium::rpc {

/// Most messages, strings of lists and unknown fields in one serialized request.
inline constexpr int kMostWireObjects = 16384;

/// The shortest request that could have more: an object takes a tag and a length or a value.
inline constexpr size_t kSmallestWireToCheck = size_t{2} * (kMostWireObjects + 1);

/// Looks through a serialized message before it is parsed, because parsing may multiply it: an
/// empty input takes two bytes on the wire and some 150 in memory. Reads tags and lengths, skips
/// all contents, allocates nothing; some 0.6 us for an inference request as clients send it. One
/// below kSmallestWireToCheck bytes has no room for too many objects and needs no look.
///
/// type: of the message; it does not contain itself. Errors: INVALID_ARGUMENT if it is no such
/// message, has groups (which no client writes), or more than kMostWireObjects objects.
absl::Status CheckWire(google::protobuf::io::ZeroCopyInputStream& wire,
                       const google::protobuf::Descriptor& type);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_CHECK_WIRE_H_
