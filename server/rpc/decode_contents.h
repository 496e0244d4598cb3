#ifndef ACTIUM_SERVER_RPC_DECODE_CONTENTS_H_
#define ACTIUM_SERVER_RPC_DECODE_CONTENTS_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/tensor/dtype.h"

namespace actium::rpc {

/// Returns the dense bytes of typed contents: a view of the message where the protocol's element
/// has the type's width, otherwise of a string that is added to `converted`.
///
/// Errors: INVALID_ARGUMENT (elements in another field than the type's, a value outside of the
/// type's range, or a type that has no typed field: FP16 and BF16); names the field, not the input.
absl::StatusOr<std::span<const std::byte>> TypedContents(
    const ::inference::InferTensorContents& contents, tensor::DType dtype,
    std::vector<std::string>& converted);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_DECODE_CONTENTS_H_
