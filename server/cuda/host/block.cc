#include "server/cuda/host/block.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <string>

#include "fmt/format.h"
#include "server/base/mutex.h"
#include "server/cuda/host/fiber.h"
#include "server/cuda/host/races.h"

namespace actium::cuda::host {
Running running{};

namespace {

enum class LaneState { kReady, kMeets, kAtBarrier, kExited };

struct Warp;

struct Lane {
  uint3 thread;
  int number;  // In its warp.
  Warp* warp;
  Fiber* fiber;  // Null: not started.
  // That it had when it ran last: a lane whose turn has come may still have kMeets or kAtBarrier.
  LaneState state;
  const char* waits_at;  // While it waits.
  Place place;
  uint32_t turn;  // Its bit of Warp::ready.
  AsyncCopies copies;
};

// A collective that some lanes have come to.
struct Meeting {
  const Collective* collective;
  Place place;
  uint32_t mask, arrived;
  uint64_t* token;
};

// For Release() and Acquire(). Lanes may come to the next barrier, but not to the one after it,
// before the last has left this one: two tokens serve in turn. Meetings under different masks may
// be more than two at a time.
struct Tokens {
  uint64_t barriers[2];
  uint64_t meetings[32][8];  // Of each warp.
};

// Bits are lanes by their number, but in `ready` by their turn.
struct Warp {
  int number;
  uint32_t existing;
  uint32_t exited;
  uint32_t ready;
  std::vector<Lane*> turns;
  std::vector<Meeting> meetings;
  size_t met = 0;              // Meetings so far.
  void* operands[kWarpLanes];  // Of each lane where it has arrived.

  uint32_t AllTurns() const { return static_cast<uint32_t>((uint64_t{1} << turns.size()) - 1); }
};

struct Block {
  std::vector<Lane> lanes;
  std::vector<Warp> warps;
  std::vector<Warp*> turns;
  size_t exited = 0;
  size_t at_barrier = 0;
  Place barrier{};
  size_t passed = 0;  // Barriers so far.
  // Of this block only, or it would seem to come after the one before.
  std::unique_ptr<Tokens> tokens;
};

// What is left from one grid to the next; all under `executing`.
struct Executor {
  Block block;
  dim3 shape{0, 0, 0};
  uint64_t seed = 0;
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Fiber*> idle_fibers;
  std::unique_ptr<unsigned char, decltype(&std::free)> shared{nullptr, &std::free};
  const std::function<void()>* body = nullptr;
  Fiber* scheduler = nullptr;
  Lane* lane = nullptr;                     // The one that runs.
  uint64_t begin_token = 0, end_token = 0;  // Of grids.
};

base::Mutex executing;
std::atomic<uint64_t> order_seed = 0;

Executor* the_executor = nullptr;  // Made by the first grid; fibers may stand in it at the end.

bool Same(const Place& a, const Place& b) {
  return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
}

std::string Where(const char* function, const Place& place) {
  return fmt::format("{} ({}:{})", function, place.file, place.line);
}

std::string Doing(const Lane& lane) {
  if ((lane.warp->ready & lane.turn) != 0) return "can run";
  switch (lane.state) {
    case LaneState::kReady:
      return "run now";
    case LaneState::kExited:
      return "exited";
    case LaneState::kMeets:
    case LaneState::kAtBarrier:
      return "at " + Where(lane.waits_at, lane.place);
  }
  return "";
}

// "lanes 0-4 exited, lanes 5-31 at __syncwarp (a.cu:7)".
std::string Describe(const Block& block, const Warp& warp) {
  const auto begin = block.lanes.begin() + std::ptrdiff_t{warp.number} * kWarpLanes;
  const auto end = begin + std::popcount(warp.existing);
  std::string text;
  for (auto first = begin; first != end;) {
    const std::string doing = Doing(*first);
    const auto after = std::find_if(first, end, [&](const Lane& l) { return Doing(l) != doing; });
    text += fmt::format("{}lanes {}-{} {}", text.empty() ? "" : ", ", first->number,
                        (after - 1)->number, doing);
    first = after;
  }
  return text;
}

[[noreturn]] void Die(const std::string& problem) {
  const Executor& executor = *the_executor;
  std::string text = fmt::format("CUDA stand-in: block ({}, {}, {}): {}\n", running.block.x,
                                 running.block.y, running.block.z, problem);
  std::string last;
  for (const Warp& warp : executor.block.warps) {
    std::string lanes = Describe(executor.block, warp);
    if (lanes != last) text += fmt::format("  warp {}: {}\n", warp.number, lanes);
    last = std::move(lanes);
  }
  std::fputs(text.c_str(), stderr);
  std::abort();
}

void Run(Executor& executor, Lane& lane) {
  executor.lane = &lane;
  running.thread = lane.thread;
}

// The next lane of a warp whose turn it is; null if none can run.
Lane* TakeReady(Warp& warp) {
  if (warp.ready == 0) return nullptr;
  Lane* const lane = warp.turns[static_cast<size_t>(std::countr_zero(warp.ready))];
  warp.ready &= warp.ready - 1;
  return lane;
}

void Exit(Executor& executor, Lane& lane) {
  lane.state = LaneState::kExited;
  lane.warp->exited |= uint32_t{1} << lane.number;
  ++executor.block.exited;
  for (const Meeting& meeting : lane.warp->meetings) {
    if ((meeting.mask >> lane.number & 1) == 0) continue;
    Die(fmt::format("lane {} of warp {} has exited, and others wait for it", lane.number,
                    lane.warp->number));
  }
}

void RunLanes();

Fiber& FiberOf(Executor& executor, Lane& lane) {
  if (lane.fiber != nullptr) return *lane.fiber;
  if (executor.idle_fibers.empty()) {
    executor.fibers.push_back(std::make_unique<Fiber>(&RunLanes, executor.fibers.size()));
    executor.idle_fibers.push_back(executor.fibers.back().get());
  }
  lane.fiber = executor.idle_fibers.back();
  executor.idle_fibers.pop_back();
  return *lane.fiber;
}

// Ends a lane and returns the fiber that goes on: its own one with a lane of the same warp that has
// not started, so that a kernel without barriers takes one fiber. But lanes of one fiber are
// ordered: where races are looked for, each lane has its own.
Fiber& Leave(Executor& executor, Lane& lane) {
  const Unseen unseen;
  Exit(executor, lane);
  Lane* const next = TakeReady(*lane.warp);
  if (next != nullptr) Run(executor, *next);
  if (next != nullptr && next->fiber == nullptr && !kFindsRaces) {
    next->fiber = lane.fiber;
    return *next->fiber;
  }
  Fiber& other = next != nullptr ? FiberOf(executor, *next) : *executor.scheduler;
  executor.idle_fibers.push_back(lane.fiber);
  return other;
}

// What every fiber of ours does: it runs the lane that it was given.
void RunLanes() {
  Executor& executor = *the_executor;
  for (;;) {
    Lane& lane = *executor.lane;
    Fiber& self = *lane.fiber;
    Acquire(&executor.begin_token);
    (*executor.body)();
    Release(&executor.end_token);
    Fiber& next = Leave(executor, lane);
    if (&next != &self) Fiber::Switch(self, next);
  }
}

// Lets others run until it is this lane's turn again.
void GiveWay(Executor& executor, Lane& lane, LaneState state, const char* waits_at, Place place) {
  lane.state = state;
  lane.waits_at = waits_at;
  lane.place = place;
  Lane* const next = TakeReady(*lane.warp);
  Fiber* target = executor.scheduler;
  if (next != nullptr) {
    target = &FiberOf(executor, *next);
    Run(executor, *next);
  }
  if (next != &lane) Fiber::Switch(*lane.fiber, *target);
  lane.state = LaneState::kReady;
}

void MakeReady(Warp& warp, uint32_t mask) {
  if (mask == warp.existing) {
    warp.ready = warp.AllTurns();
    return;
  }
  for (const Lane* const lane : warp.turns) {
    if ((mask >> lane->number & 1) != 0) warp.ready |= lane->turn;
  }
}

// The lanes that a call is for; ends the process if they cannot all come.
uint32_t CheckMask(const Lane& lane, const Collective& collective, uint32_t mask, Place place) {
  const Warp& warp = *lane.warp;
  const auto die = [&](const char* problem) {
    Die(fmt::format("lane {} of warp {} at {}: {}", lane.number, warp.number,
                    Where(collective.name, place), problem));
  };
  if (collective.whole_warp && warp.existing != 0xFFFFFFFF) die("the warp has fewer than 32 lanes");
  mask &= warp.existing;
  if ((mask >> lane.number & 1) == 0) die("the lane is not in its own mask");
  if ((mask & warp.exited) != 0) die("lanes of the mask have exited");
  return mask;
}

// The meeting that a lane comes to. Ends the process if lanes wait for each other at two.
Meeting& FindMeeting(Lane& lane, const Collective& collective, uint32_t mask, Place place) {
  std::vector<Meeting>& meetings = lane.warp->meetings;
  for (Meeting& meeting : meetings) {
    if (meeting.mask == mask && meeting.collective == &collective && Same(meeting.place, place)) {
      return meeting;
    }
    if ((meeting.mask >> lane.number & 1) == 0 || (meeting.arrived & mask) == 0) continue;
    Die(fmt::format(
        "lanes of warp {} are at different places: lane {} comes to {} with mask {:#x}, others "
        "wait for it at {} with mask {:#x}",
        lane.warp->number, lane.number, Where(collective.name, place), mask,
        Where(meeting.collective->name, meeting.place), meeting.mask));
  }
  Warp& warp = *lane.warp;
  auto& tokens = the_executor->block.tokens->meetings[warp.number];
  meetings.push_back({.collective = &collective,
                      .place = place,
                      .mask = mask,
                      .arrived = 0,
                      .token = &tokens[warp.met++ % std::size(tokens)]});
  return meetings.back();
}

std::vector<size_t> Order(size_t count, std::mt19937_64& random, bool ascending) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t i = count; !ascending && i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

// Lanes and warps of a block of this shape, and their turns.
void Arrange(Executor& executor, const dim3& shape, uint64_t seed) {
  Block& block = executor.block;
  const size_t count = size_t{shape.x} * shape.y * shape.z;
  block.lanes.assign(count, Lane{});
  block.warps.assign((count + kWarpLanes - 1) / kWarpLanes, Warp{});
  std::mt19937_64 random(seed);
  for (size_t w = 0; w < block.warps.size(); ++w) {
    Warp& warp = block.warps[w];
    const size_t first = w * kWarpLanes;
    const size_t lanes = std::min<size_t>(kWarpLanes, count - first);
    warp.number = static_cast<int>(w);
    warp.existing = static_cast<uint32_t>((uint64_t{1} << lanes) - 1);
    for (const size_t i : Order(lanes, random, seed == 0)) {
      Lane& lane = block.lanes[first + i];
      const auto index = static_cast<unsigned int>(first + i);
      lane.thread = {index % shape.x, index / shape.x % shape.y, index / shape.x / shape.y};
      lane.number = static_cast<int>(i);
      lane.warp = &warp;
      lane.turn = uint32_t{1} << warp.turns.size();
      warp.turns.push_back(&lane);
    }
  }
  block.turns.clear();
  for (const size_t w : Order(block.warps.size(), random, seed == 0)) {
    block.turns.push_back(&block.warps[w]);
  }
  executor.shape = shape;
  executor.seed = seed;
}

// As when a block starts.
void Reset(Block& block) {
  for (Lane& lane : block.lanes) {
    lane.fiber = nullptr;
    lane.state = LaneState::kReady;
    lane.copies.copies.clear();
    lane.copies.group_ends.clear();
  }
  for (Warp& warp : block.warps) {
    warp.exited = 0;
    warp.ready = warp.AllTurns();
  }
  block.exited = 0;
}

void RunBlock(Executor& executor) {
  Block& block = executor.block;
  Reset(block);
  while (block.exited < block.lanes.size()) {
    for (Warp* const warp : block.turns) {
      Lane* const lane = TakeReady(*warp);
      if (lane == nullptr) continue;
      Fiber& fiber = FiberOf(executor, *lane);
      Run(executor, *lane);
      Fiber::Switch(*executor.scheduler, fiber);
    }
    if (block.exited == block.lanes.size()) break;
    if (block.at_barrier < block.lanes.size()) Die("these lanes wait for each other for ever");
    block.at_barrier = 0;
    ++block.passed;
    for (Warp& warp : block.warps) MakeReady(warp, warp.existing);
  }
}

// Meet(), but for what TSan sees of it; returns the meeting's token.
void* WaitToMeet(const Collective& collective, uint32_t mask, void* operands, Place place) {
  const Unseen unseen;
  Executor& executor = *the_executor;
  Lane& lane = *executor.lane;
  Warp& warp = *lane.warp;
  mask = CheckMask(lane, collective, mask, place);
  Meeting& meeting = FindMeeting(lane, collective, mask, place);
  uint64_t* const token = meeting.token;
  if (collective.orders_memory) Release(token);
  meeting.arrived |= uint32_t{1} << lane.number;
  warp.operands[lane.number] = operands;
  if (meeting.arrived == mask) {
    collective.complete(warp.operands, mask);
    warp.meetings.erase(warp.meetings.begin() + (&meeting - warp.meetings.data()));
    MakeReady(warp, mask);
  }
  GiveWay(executor, lane, LaneState::kMeets, collective.name, place);
  return token;
}

// SyncThreads(), as well.
void* WaitAtBarrier(Place place) {
  const Unseen unseen;
  Executor& executor = *the_executor;
  Block& block = executor.block;
  Lane& lane = *executor.lane;
  if (block.at_barrier == 0) block.barrier = place;
  if (!Same(block.barrier, place)) {
    Die(fmt::format("lane {} of warp {} comes to {}, others of its block to another barrier",
                    lane.number, lane.warp->number, Where("__syncthreads", place)));
  }
  ++block.at_barrier;
  uint64_t* const token = &block.tokens->barriers[block.passed % 2];
  Release(token);
  GiveWay(executor, lane, LaneState::kAtBarrier, "__syncthreads", place);
  return token;
}

void* AllocateShared(size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 128, bytes) != 0) Die("no memory for dynamic shared memory");
  return memory;
}

// Shared memory is garbage when a block starts. Where races are looked for, a block has memory,
// tokens and fibers of its own: by what it had in common with the one before the two would be
// ordered.
void Renew(Executor& executor, size_t shared_bytes) {
  if (kFindsRaces) {
    executor.shared.reset();
    executor.block.tokens.reset();
    executor.idle_fibers.clear();
    executor.fibers.clear();
  }
  if (executor.shared == nullptr) {
    executor.shared.reset(static_cast<unsigned char*>(AllocateShared(shared_bytes)));
  }
  if (executor.block.tokens == nullptr) executor.block.tokens = std::make_unique<Tokens>();
  std::memset(executor.shared.get(), kGarbage, shared_bytes);
}

void RunBlocks(Executor& executor, const dim3& grid, const dim3& block, size_t shared_bytes,
               const std::function<void()>& lane) {
  const Unseen unseen;
  const uint64_t seed = order_seed;
  const dim3& shape = executor.shape;
  if (shape.x != block.x || shape.y != block.y || shape.z != block.z || executor.seed != seed) {
    Arrange(executor, block, seed);
  }
  running.block_dim = block;
  running.grid_dim = grid;
  executor.body = &lane;
  Fiber scheduler;
  executor.scheduler = &scheduler;
  for (unsigned int z = 0; z < grid.z; ++z) {
    for (unsigned int y = 0; y < grid.y; ++y) {
      for (unsigned int x = 0; x < grid.x; ++x) {
        running.block = {x, y, z};
        Renew(executor, shared_bytes);
        RunBlock(executor);
      }
    }
  }
  executor.shared.reset();
}

}  // namespace

void Meet(const Collective& collective, uint32_t mask, void* operands, Place place) {
  void* const token = WaitToMeet(collective, mask, operands, place);
  if (collective.orders_memory) Acquire(token);
}

void SyncThreads(Place place) { Acquire(WaitAtBarrier(place)); }

int LaneInWarp() { return the_executor->lane->number; }

AsyncCopies& CopiesOfLane() { return the_executor->lane->copies; }

unsigned char* DynamicShared() { return the_executor->shared.get(); }

void DieInLane(const char* problem, Place place) {
  const Lane& lane = *the_executor->lane;
  Die(fmt::format("lane {} of warp {} at {}:{}: {}", lane.number, lane.warp->number, place.file,
                  place.line, problem));
}

void RunGrid(const dim3& grid, const dim3& block, size_t shared_bytes,
             const std::function<void()>& lane) {
  base::MutexLock lock(executing);
  if (the_executor == nullptr) the_executor = new Executor;
  Executor& executor = *the_executor;
  Release(&executor.begin_token);
  RunBlocks(executor, grid, block, shared_bytes, lane);
  Acquire(&executor.end_token);
}

void SetOrderSeed(uint64_t seed) { order_seed = seed; }

}  // namespace actium::cuda::host
