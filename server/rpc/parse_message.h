#ifndef ACTIUM_SERVER_RPC_PARSE_MESSAGE_H_
#define ACTIUM_SERVER_RPC_PARSE_MESSAGE_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace actium::rpc {

/// Parses an untrusted message after a look through it (check_wire.h). wire: emptied, so that a
/// large message is not held twice.
///
/// Errors: INVALID_ARGUMENT (it is no such message, or has too many objects).
absl::Status ParseMessage(grpc::ByteBuffer& wire, google::protobuf::Message& message);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_PARSE_MESSAGE_H_
