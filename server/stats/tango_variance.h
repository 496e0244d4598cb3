#ifndef ACTIUM_SERVER_STATS_TANGO_VARIANCE_H_
#define ACTIUM_SERVER_STATS_TANGO_VARIANCE_H_

namespace actium::stats {

/// The variance that one example adds to (first_only - second_only), where `difference` is the true
/// difference of the accuracies and the rest of the table is as likely as the data allow.
///
/// first_only, second_only: shares of all examples, >= 0, with a sum of at most 1. difference: in
/// [-1, 1]. Returns at least 0.
/// Source: T. Tango, Stat. Med. 17 (1998) 891, equation 7 and appendix.
double TangoVariance(double first_only, double second_only, double difference);

}  // namespace actium::stats

#endif  // ACTIUM_SERVER_STATS_TANGO_VARIANCE_H_
