// What a batch allocates once its size has been seen: every way to memory is interposed for the
// whole program, libraries included.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include "oneapi/dnnl/dnnl.h"
#include "server/engine/run_batch.h"
#include "server/graph/text.h"
#include "tests/server/cpu/cpu_model_of.h"
#include "tests/support/status_matchers.h"

namespace {

struct Count {
  std::atomic<int> calls = 0;
  std::atomic<size_t> largest = 0;
};
std::atomic<bool> counting = false;
Count ours;
Count onednn;
thread_local bool within_onednn = false;

void Meet(size_t bytes) {
  if (!counting) return;
  Count& count = within_onednn ? onednn : ours;
  ++count.calls;
  if (bytes > count.largest) count.largest = bytes;
}

}  // namespace

// glibc's own names for what it lets a program replace. operator new calls malloc.
extern "C" {
void* __libc_malloc(size_t bytes);                      // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(size_t count, size_t bytes);        // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, size_t bytes);       // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(size_t alignment, size_t bytes);  // NOLINT(bugprone-reserved-identifier)

void* malloc(size_t bytes) {
  Meet(bytes);
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  Meet(count * bytes);
  return __libc_calloc(count, bytes);
}
void* realloc(void* memory, size_t bytes) {
  Meet(bytes);
  return __libc_realloc(memory, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  Meet(bytes);
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** memory, size_t alignment, size_t bytes) {
  *memory = memalign(alignment, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
void* mmap(void* address, size_t bytes, int protection, int flags, int file, off_t offset) {
  Meet(bytes);
  return reinterpret_cast<void*>(
      syscall(SYS_mmap, address, bytes, protection, flags, file, offset));
}

// So that what oneDNN allocates can be told from what we do.
dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t primitive, dnnl_stream_t stream,
                                     int count, const dnnl_exec_arg_t* arguments) {
  static auto* const real = reinterpret_cast<decltype(&dnnl_primitive_execute)>(
      dlsym(RTLD_NEXT, "dnnl_primitive_execute"));
  within_onednn = true;
  const dnnl_status_t status = real(primitive, stream, count, arguments);
  within_onednn = false;
  return status;
}
}

namespace actium::test {
namespace {

constexpr int kBatches = 1000;

// Counts what Prepare() and Start() allocate in kBatches batches of each of several sizes, after
// one of each.
void CountBatches(std::string_view text, const tensor::Shape& row) {
  const auto model = CpuModelOf(graph::ParseText(text).value(), 4).value();
  ModelStream stream(*model, 1);
  absl::Status status;
  for (Count* const count : {&ours, &onednn}) count->calls = 0, count->largest = 0;
  for (const int64_t rows : {1, 2, 4}) {
    tensor::Shape shape = {rows};
    shape.insert(shape.end(), row.begin(), row.end());
    const engine::BatchShape shapes = {shape};
    for (int batch = 0; batch <= kBatches; ++batch) {
      counting = batch > 0;
      status.Update(stream.slot().Prepare(shapes).status());
      status.Update(engine::RunBatch(stream.executor(), stream.slot()).status());
      counting = false;
    }
  }
  ACTIUM_EXPECT_OK(status);
}

TEST(AllocationsTest, EveryWayToMemoryIsCounted) {
  ours.calls = 0;
  counting = true;
  delete new int(1);
  std::free(std::malloc(1));
  void* aligned = nullptr;
  EXPECT_EQ(posix_memalign(&aligned, 64, 64), 0);
  void* const mapped = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  counting = false;
  std::free(aligned);
  munmap(mapped, 4096);
  EXPECT_EQ(ours.calls, 4);
}

TEST(AllocationsTest, StepsWithoutOneDnnAllocateNothing) {
  CountBatches(R"(
    input image: fp32[2, 4, 4]
    constant slopes: [2] = {0.25, 0.5}
    a = pointwise(image, slopes) { 2 = mish(0); 3 = prelu(2, 1); 4 = add(2, 3) }
    b = pool(a) kind=max kernel=[2, 2] stride=[2, 2]
    c = concat(b, b)
    d = global_average(c)
    e = softmax(d)
    output e, c
  )",
               {2, 4, 4});
  EXPECT_EQ(ours.calls, 0);
  EXPECT_EQ(onednn.calls, 0);
}

// oneDNN makes a table of its arguments at every call: some hundred bytes in a few pieces.
TEST(AllocationsTest, ConvolutionsAllocateOnlyInsideOneDnn) {
  CountBatches(R"(
    input image: fp32[1, 2, 2]
    constant weight: [2, 1, 1, 1] = {1, -1}
    constant bias: [2] = {0, 1}
    y = convolution(image, weight, bias) { 1 = mish(0) }
    output y
  )",
               {1, 2, 2});
  EXPECT_EQ(ours.calls, 0);
  const double each = static_cast<double>(onednn.calls) / (3 * kBatches);
  std::printf("oneDNN: %.2f allocations for a convolution, the largest of %zu bytes\n", each,
              onednn.largest.load());
  EXPECT_LE(each, 12);
  EXPECT_LE(onednn.largest, 1024u);
}

}  // namespace
}  // namespace actium::test
