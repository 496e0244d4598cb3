#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "server/cuda/run_program.h"

namespace actium::test {
namespace {

using cuda::Divisor;
using cuda::MakeDivisor;

constexpr uint32_t kLargest = (uint32_t{1} << 31) - 1;

void ExpectExact(const Divisor& divisor, int64_t dividend) {
  if (dividend < 0 || dividend > int64_t{kLargest}) return;
  const auto number = static_cast<uint32_t>(dividend);
  ASSERT_EQ(cuda::Quotient(number, divisor), number / divisor.divisor)
      << number << " / " << divisor.divisor;
  ASSERT_EQ(cuda::Remainder(number, divisor), number % divisor.divisor)
      << number << " % " << divisor.divisor;
}

// Dividends around multiples, the first, the last and some between: where a wrong multiplier shows.
void ExpectExactAroundMultiples(uint32_t value, std::mt19937& random) {
  const Divisor divisor = MakeDivisor(value);
  const uint32_t most = kLargest / value;
  std::vector<int64_t> factors = {0, 1, 2, most - 1, most};
  std::uniform_int_distribution<uint32_t> any(0, most);
  for (int i = 0; i < 20; ++i) factors.push_back(any(random));
  for (const int64_t factor : factors) {
    for (const int64_t offset : {-1, 0, 1}) ExpectExact(divisor, factor * value + offset);
  }
  ExpectExact(divisor, kLargest);
}

TEST(DivisorTest, SmallDivisorsAreExact) {
  std::mt19937 random(1);
  for (uint32_t value = 1; value <= 3000; ++value) ExpectExactAroundMultiples(value, random);
}

TEST(DivisorTest, DivisorsAroundPowersOfTwoAreExact) {
  std::mt19937 random(2);
  for (uint32_t power = 1; power < 31; ++power) {
    const uint32_t value = uint32_t{1} << power;
    for (const uint32_t near : {value - 1, value, value + 1}) {
      ExpectExactAroundMultiples(near, random);
    }
  }
  ExpectExactAroundMultiples(kLargest - 1, random);
  ExpectExactAroundMultiples(kLargest, random);
}

TEST(DivisorTest, DivisorsOfEverySizeAreExact) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    const uint32_t bits = std::uniform_int_distribution<uint32_t>(1, 30)(random);
    const uint32_t value = std::uniform_int_distribution<uint32_t>(1, uint32_t{1} << bits)(random);
    ExpectExactAroundMultiples(value, random);
  }
}

TEST(DivisorTest, SmallDividendsAreExact) {
  for (uint32_t value = 1; value <= 64; ++value) {
    const Divisor divisor = MakeDivisor(value);
    for (int64_t dividend = 0; dividend < 1000; ++dividend) ExpectExact(divisor, dividend);
  }
}

}  // namespace
}  // namespace actium::test
