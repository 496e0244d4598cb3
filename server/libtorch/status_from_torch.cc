#include "server/libtorch/status_from_torch.h"

#include <algorithm>

namespace actium::libtorch {
namespace {

constexpr size_t kLongest = 500;

std::string_view FirstLine(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "no message";
  text.remove_prefix(start);
  return text.substr(0, text.find_first_of("\r\n"));
}

}  // namespace

std::string OneLine(std::string_view message) {
  // The interpreter puts the TorchScript traceback in front and the cause behind this marker.
  static constexpr std::string_view kMarker = "RuntimeError: ";
  if (const size_t marker = message.rfind(kMarker); marker != std::string_view::npos) {
    message.remove_prefix(marker + kMarker.size());
  }
  // An assertion of LibTorch names its source file before what it has to say.
  static constexpr std::string_view kAssertion = "please report a bug to PyTorch. ";
  if (const size_t marker = message.find(kAssertion); marker != std::string_view::npos) {
    message.remove_prefix(marker + kAssertion.size());
  }
  std::string line(FirstLine(message).substr(0, kLongest));
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  while (!line.empty() && (line.back() == '.' || line.back() == ' ')) line.pop_back();
  return line;
}

}  // namespace actium::libtorch
