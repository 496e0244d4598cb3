#include "server/repository/served_models.h"

#include <utility>

namespace actium::repository {

std::shared_ptr<const ServedModels::Table> ServedModels::Snapshot() const {
  base::MutexLock lock(mutex_);
  return table_;
}

ModelHandle ServedModels::Find(std::string_view model, std::optional<int64_t> version) const {
  const std::shared_ptr<const Table> table = Snapshot();
  const auto versions = table->find(model);
  if (versions == table->end()) return nullptr;
  if (!version) return versions->second.rbegin()->second;
  const auto found = versions->second.find(*version);
  return found == versions->second.end() ? nullptr : found->second;
}

std::vector<int64_t> ServedModels::Versions(std::string_view model) const {
  const std::shared_ptr<const Table> table = Snapshot();
  std::vector<int64_t> numbers;
  if (const auto versions = table->find(model); versions != table->end()) {
    for (const auto& [number, handle] : versions->second) numbers.push_back(number);
  }
  return numbers;
}

void ServedModels::Publish(ModelHandle handle) {
  base::MutexLock change(change_);
  auto table = std::make_shared<Table>(*Snapshot());
  const observe::ModelRef& ref = *handle->ref;
  (*table)[ref.model][ref.version] = handle;
  Install(std::move(table));
}

void ServedModels::Withdraw(std::string_view model, int64_t version) {
  base::MutexLock change(change_);
  auto table = std::make_shared<Table>(*Snapshot());
  const auto versions = table->find(model);
  if (versions == table->end()) return;
  versions->second.erase(version);
  if (versions->second.empty()) table->erase(versions);  // Find() relies on it.
  Install(std::move(table));
}

void ServedModels::Install(std::shared_ptr<const Table> table) {
  base::MutexLock lock(mutex_);
  // The old table, and with it perhaps the last handle of a version, goes after the lock.
  table_.swap(table);
}

}  // namespace actium::repository
