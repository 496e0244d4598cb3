#include "server/repository/file_digest.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "fmt/format.h"

namespace actium::repository {
namespace {

absl::Status CannotRead(const std::filesystem::path& file) {
  return absl::NotFoundError(fmt::format("{} cannot be read", file.filename().string()));
}

}  // namespace

absl::StatusOr<std::string> Sha256OfFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return CannotRead(file);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  bool ok = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> chunk(size_t{1} << 18);
  while (ok && stream) {
    stream.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    ok = EVP_DigestUpdate(context.get(), chunk.data(), static_cast<size_t>(stream.gcount())) == 1;
  }
  if (stream.bad()) return CannotRead(file);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  ok = ok && EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
  if (!ok) return absl::InternalError("libcrypto cannot compute SHA-256");
  std::string hexadecimal;
  for (unsigned int i = 0; i < size; ++i) hexadecimal += fmt::format("{:02x}", digest[i]);
  return hexadecimal;
}

absl::StatusOr<std::string> ReadSmallFile(const std::filesystem::path& file, size_t most_bytes) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return CannotRead(file);
  std::string bytes(most_bytes + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (stream.bad()) return CannotRead(file);
  bytes.resize(static_cast<size_t>(stream.gcount()));
  if (bytes.size() <= most_bytes) return bytes;
  return absl::InvalidArgumentError(
      fmt::format("{} must be at most {} bytes", file.filename().string(), most_bytes));
}

}  // namespace actium::repository
