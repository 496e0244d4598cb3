#include "server/stats/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace actium::stats {
namespace {

namespace policies = boost::math::policies;

// Errors become NaN or infinity. The preconditions leave only overflow, where infinity is right.
using Policy = policies::policy<policies::domain_error<policies::ignore_error>,
                                policies::pole_error<policies::ignore_error>,
                                policies::overflow_error<policies::ignore_error>,
                                policies::underflow_error<policies::ignore_error>,
                                policies::evaluation_error<policies::ignore_error>>;

using Beta = boost::math::beta_distribution<double, Policy>;
using Binomial = boost::math::binomial_distribution<double, Policy>;
using ChiSquared = boost::math::chi_squared_distribution<double, Policy>;
using Normal = boost::math::normal_distribution<double, Policy>;
using Student = boost::math::students_t_distribution<double, Policy>;

Binomial BinomialOf(int64_t trials, double success) {
  return Binomial(static_cast<double>(trials), success);
}

}  // namespace

double NormalUpperTail(double z) { return cdf(complement(Normal(), z)); }

double NormalQuantile(double probability) { return quantile(Normal(), probability); }

double NormalCritical(double confidence) {
  return quantile(complement(Normal(), (1.0 - confidence) / 2.0));
}

double StudentUpperTail(double t, double degrees) { return cdf(complement(Student(degrees), t)); }

double StudentCritical(double confidence, double degrees) {
  return quantile(complement(Student(degrees), (1.0 - confidence) / 2.0));
}

double ChiSquaredCdf(double x, double degrees) { return cdf(ChiSquared(degrees), x); }

double ChiSquaredUpperTail(double x, double degrees) {
  return cdf(complement(ChiSquared(degrees), x));
}

double BinomialCdf(int64_t k, int64_t trials, double success) {
  return cdf(BinomialOf(trials, success), static_cast<double>(k));
}

double BinomialPmf(int64_t k, int64_t trials, double success) {
  return pdf(BinomialOf(trials, success), static_cast<double>(k));
}

// Boost's own quantile of a discrete distribution rounds as its policy says; this cannot be off by
// one from BinomialCdf.
int64_t BinomialQuantile(double probability, int64_t trials, double success) {
  int64_t lowest = 0;
  int64_t highest = trials;
  while (lowest < highest) {
    const int64_t middle = lowest + (highest - lowest) / 2;
    if (BinomialCdf(middle, trials, success) >= probability) {
      highest = middle;
    } else {
      lowest = middle + 1;
    }
  }
  return lowest;
}

double BetaQuantile(double probability, double a, double b) {
  return quantile(Beta(a, b), probability);
}

double BetaUpperQuantile(double probability, double a, double b) {
  return quantile(complement(Beta(a, b), probability));
}

}  // namespace actium::stats
