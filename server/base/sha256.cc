#include "server/base/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::base {

// libcrypto fails here only if it has no memory, or was built without SHA-256.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  ACTIUM_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::Update(std::span<const std::byte> bytes) {
  ACTIUM_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
}

void Sha256::UpdateText(std::string_view text) {
  Update(std::as_bytes(std::span(text)));
  static constexpr std::byte kEnd[1] = {};
  Update(kEnd);
}

std::string Sha256::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  ACTIUM_CHECK(EVP_DigestFinal_ex(context_, digest.data(), &size) == 1);
  std::string hexadecimal;
  for (unsigned int i = 0; i < size; ++i) hexadecimal += fmt::format("{:02x}", digest[i]);
  return hexadecimal;
}

std::string Sha256Hex(std::string_view bytes) {
  Sha256 digest;
  digest.Update(std::as_bytes(std::span(bytes)));
  return digest.Finish();
}

}  // namespace actium::base
