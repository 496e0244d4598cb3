#include "server/repository/reaper.h"

#include <utility>

namespace actium::repository {

Reaper::Reaper() : thread_([this] { Run(); }) {}

Reaper::~Reaper() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

ModelHandle Reaper::Adopt(std::unique_ptr<ServedModel> served, TearDown tear_down) {
  {
    base::MutexLock lock(mutex_);
    ++living_;
  }
  auto adopted = std::make_unique<Adopted>();
  adopted->served = std::move(served);
  adopted->tear_down = std::move(tear_down);
  const ServedModel* model = adopted->served.get();
  return ModelHandle(model, [this, owned = adopted.release()](const ServedModel*) {
    Bury(std::unique_ptr<Adopted>(owned));
  });
}

void Reaper::Bury(std::unique_ptr<Adopted> adopted) {
  base::MutexLock lock(mutex_);
  dropped_.push_back(std::move(adopted));
  changed_.NotifyAll();
}

void Reaper::Run() {
  while (true) {
    std::unique_ptr<Adopted> next;
    {
      base::MutexLock lock(mutex_);
      while (dropped_.empty() && !(stopping_ && living_ == 0)) changed_.Wait(mutex_);
      if (dropped_.empty()) return;
      next = std::move(dropped_.front());
      dropped_.pop_front();
    }
    next->tear_down(std::move(next->served));
    next.reset();
    base::MutexLock lock(mutex_);
    --living_;
  }
}

}  // namespace actium::repository
