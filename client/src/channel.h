#ifndef ACTIUM_CLIENT_SRC_CHANNEL_H_
#define ACTIUM_CLIENT_SRC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "actium/options.h"

namespace actium::client {

/// Makes the channel that the options describe, after checking them. Connects to nothing yet.
///
/// Errors: INVALID_ARGUMENT names the option that is out of range.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const ClientOptions& options);

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_SRC_CHANNEL_H_
