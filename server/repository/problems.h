#ifndef ACTIUM_SERVER_REPOSITORY_PROBLEMS_H_
#define ACTIUM_SERVER_REPOSITORY_PROBLEMS_H_

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace actium::repository {

/// Collects what is wrong with a configuration, so that one message tells all of it.
class Problems {
 public:
  /// Takes fmt::format's arguments; the text is `<field> must be <rule>, got <value>`.
  template <class... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    ++count_;
    if (texts_.size() < kMost) {
      texts_.push_back(fmt::format(format, std::forward<Args>(args)...));
    }
  }

  bool empty() const { return count_ == 0; }

  /// Returns OK without problems, otherwise INVALID_ARGUMENT with all, up to 20, in one line.
  absl::Status ToStatus(std::string_view where) const {
    if (empty()) return absl::OkStatus();
    std::string text = fmt::format("{}: {}", where, fmt::join(texts_, "; "));
    if (count_ > texts_.size()) text += fmt::format("; and {} more", count_ - texts_.size());
    return absl::InvalidArgumentError(text);
  }

 private:
  static constexpr size_t kMost = 20;

  std::vector<std::string> texts_;
  size_t count_ = 0;
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_PROBLEMS_H_
