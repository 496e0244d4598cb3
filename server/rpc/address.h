#ifndef ACTIUM_SERVER_RPC_ADDRESS_H_
#define ACTIUM_SERVER_RPC_ADDRESS_H_

#include <fmt/format.h>

#include <string>

namespace actium::rpc {

/// Returns "host:port", an IPv6 address in brackets.
inline std::string Address(const std::string& host, int port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_ADDRESS_H_
