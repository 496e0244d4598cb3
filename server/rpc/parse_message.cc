#include "server/rpc/parse_message.h"

#include <fmt/format.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "server/base/status_macros.h"
#include "server/rpc/check_wire.h"

namespace actium::rpc {

absl::Status ParseMessage(grpc::ByteBuffer& wire, google::protobuf::Message& message) {
  const auto& type = *message.GetDescriptor();
  const bool may_be_too_many = wire.Length() >= kSmallestWireToCheck;
  bool parsed = false;
  if (grpc::Slice slice; wire.TrySingleSlice(&slice).ok()) {
    const auto size = static_cast<int>(slice.size());
    google::protobuf::io::ArrayInputStream look(slice.begin(), size);
    if (may_be_too_many) ACTIUM_RETURN_IF_ERROR(CheckWire(look, type));
    parsed = message.ParseFromArray(slice.begin(), size);
  } else {
    grpc::ProtoBufferReader look(&wire);
    if (may_be_too_many) ACTIUM_RETURN_IF_ERROR(CheckWire(look, type));
    grpc::ProtoBufferReader reader(&wire);
    parsed = reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
  }
  wire.Clear();
  if (parsed) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("the payload is no {} message", type.full_name()));
}

}  // namespace actium::rpc
