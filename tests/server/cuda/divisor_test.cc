// Division by multiplication, as kernels do it: against the processor's own.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "tests/server/cuda/divide_kernel.h"
#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using cuda::Divisor;
using cuda::MakeDivisor;

constexpr uint32_t kLargest = (uint32_t{1} << 31) - 1;

// Collects divisions, since one launch does many.
class DivisorTest : public KernelTest {
 protected:
  // What is no dividend is left out.
  void Add(const Divisor& divisor, int64_t dividend) {
    if (dividend < 0 || dividend > int64_t{kLargest}) return;
    divisors_.push_back(divisor);
    dividends_.push_back(static_cast<uint32_t>(dividend));
  }

  // Dividends around multiples, the first, the last and some between: where a wrong multiplier
  // shows.
  void AddAroundMultiples(uint32_t value, std::mt19937& random) {
    const Divisor divisor = MakeDivisor(value);
    const uint32_t most = kLargest / value;
    std::vector<int64_t> factors = {0, 1, 2, most - 1, most};
    std::uniform_int_distribution<uint32_t> any(0, most);
    for (int i = 0; i < 20; ++i) factors.push_back(any(random));
    for (const int64_t factor : factors) {
      for (const int64_t offset : {-1, 0, 1}) Add(divisor, factor * value + offset);
    }
    Add(divisor, kLargest);
  }

  void ExpectAllExact() {
    const size_t count = dividends_.size();
    const Divisions divisions = {.dividends = Upload(dividends_),
                                 .divisors = Upload(divisors_),
                                 .quotients = Allocate<uint32_t>(count),
                                 .remainders = Allocate<uint32_t>(count),
                                 .count = static_cast<uint32_t>(count)};
    ASSERT_EQ(RunDivisions(divisions), cudaSuccess);
    ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
    const std::vector<uint32_t> quotients = Download(divisions.quotients, count);
    const std::vector<uint32_t> remainders = Download(divisions.remainders, count);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t dividend = dividends_[i], divisor = divisors_[i].divisor;
      ASSERT_EQ(quotients[i], dividend / divisor) << dividend << " / " << divisor;
      ASSERT_EQ(remainders[i], dividend % divisor) << dividend << " % " << divisor;
    }
  }

 private:
  std::vector<Divisor> divisors_;
  std::vector<uint32_t> dividends_;
};

TEST_F(DivisorTest, SmallDivisorsAreExact) {
  std::mt19937 random(1);
  for (uint32_t value = 1; value <= 3000; ++value) AddAroundMultiples(value, random);
  ExpectAllExact();
}

TEST_F(DivisorTest, DivisorsAroundPowersOfTwoAreExact) {
  std::mt19937 random(2);
  for (uint32_t power = 1; power < 31; ++power) {
    const uint32_t value = uint32_t{1} << power;
    for (const uint32_t near : {value - 1, value, value + 1}) AddAroundMultiples(near, random);
  }
  AddAroundMultiples(kLargest - 1, random);
  AddAroundMultiples(kLargest, random);
  ExpectAllExact();
}

TEST_F(DivisorTest, DivisorsOfEverySizeAreExact) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    const uint32_t bits = std::uniform_int_distribution<uint32_t>(1, 30)(random);
    const uint32_t value = std::uniform_int_distribution<uint32_t>(1, uint32_t{1} << bits)(random);
    AddAroundMultiples(value, random);
  }
  ExpectAllExact();
}

TEST_F(DivisorTest, SmallDividendsAreExact) {
  for (uint32_t value = 1; value <= 64; ++value) {
    const Divisor divisor = MakeDivisor(value);
    for (int64_t dividend = 0; dividend < 1000; ++dividend) Add(divisor, dividend);
  }
  ExpectAllExact();
}

}  // namespace
}  // namespace actium::test
