#ifndef ACTIUM_SERVER_BASE_SHA256_H_
#define ACTIUM_SERVER_BASE_SHA256_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace actium::base {

/// The SHA-256 of bytes that come in pieces. Used by one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(std::span<const std::byte> bytes);

  /// The characters, then a byte 0: so that two texts in a row are not one.
  void UpdateText(std::string_view text);

  /// Returns the digest as 64 lower-case hexadecimal digits. Call it once, last.
  std::string Finish();

 private:
  evp_md_ctx_st* const context_;
};

/// Returns the SHA-256 of bytes as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_SHA256_H_
