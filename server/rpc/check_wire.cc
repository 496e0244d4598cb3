#include "server/rpc/check_wire.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace actium::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

class Scan {
 public:
  explicit Scan(google::protobuf::io::ZeroCopyInputStream& wire) : in_(&wire) {}

  // Returns whether the rest up to the limit is whole fields of such a message, without too many
  // objects. The protocol's messages do not contain themselves, so the depth is small.
  bool Message(const Descriptor& type) {
    while (const uint32_t tag = in_.ReadTag()) {
      const FieldDescriptor* const field = FieldOf(type, tag);
      if (TakesAnObject(field) && ++objects_ > kMostWireObjects) return false;
      const bool inner = field != nullptr && field->message_type() != nullptr;
      if (!(inner ? Inner(*field->message_type()) : Skip(tag))) return false;
    }
    return in_.ConsumedEntireMessage();
  }

  bool too_many() const { return objects_ > kMostWireObjects; }

 private:
  // Returns null for what the parser would keep as an unknown field.
  static const FieldDescriptor* FieldOf(const Descriptor& type, uint32_t tag) {
    const auto* const field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field == nullptr) return nullptr;
    const auto given = WireFormatLite::GetTagWireType(tag);
    const auto own =
        WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field->type()));
    const bool packed = field->is_packable() && given == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    return given == own || packed ? field : nullptr;
  }

  static bool TakesAnObject(const FieldDescriptor* field) {
    if (field == nullptr || field->message_type() != nullptr) return true;
    return field->is_repeated() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  }

  bool Inner(const Descriptor& type) {
    int length = 0;
    if (!in_.ReadVarintSizeAsInt(&length)) return false;
    const auto outer = in_.PushLimit(length);
    // A length beyond the outer limit is cut by PushLimit(): the bytes up to it are not there.
    if (in_.BytesUntilLimit() != length || !Message(type)) return false;
    in_.PopLimit(outer);
    return true;
  }

  bool Skip(uint32_t tag) {
    const auto type = WireFormatLite::GetTagWireType(tag);
    if (type == WireFormatLite::WIRETYPE_START_GROUP || type == WireFormatLite::WIRETYPE_END_GROUP)
      return false;
    return WireFormatLite::SkipField(&in_, tag);
  }

  google::protobuf::io::CodedInputStream in_;
  int objects_ = 0;
};

}  // namespace

absl::Status CheckWire(google::protobuf::io::ZeroCopyInputStream& wire, const Descriptor& type) {
  Scan scan(wire);
  if (scan.Message(type)) return absl::OkStatus();
  if (!scan.too_many()) {
    return absl::InvalidArgumentError(
        fmt::format("the payload is no {} message", type.full_name()));
  }
  return absl::InvalidArgumentError(fmt::format(
      "the payload must have at most {} messages, strings and unknown fields", kMostWireObjects));
}

}  // namespace actium::rpc
