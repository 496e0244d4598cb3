#ifndef ACTIUM_SERVER_RPC_ENCODE_RESPONSE_H_
#define ACTIUM_SERVER_RPC_ENCODE_RESPONSE_H_

#include <grpcpp/support/byte_buffer.h>

#include <string_view>

#include "server/batching/request.h"

namespace actium::rpc {

/// Writes an answer as a serialized inference.ModelInferResponse: outputs in raw_output_contents,
/// in their order. Large outputs are handed over, not copied.
///
/// id: the request's.
grpc::ByteBuffer EncodeResponse(batching::InferResponse response, std::string_view id);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_ENCODE_RESPONSE_H_
