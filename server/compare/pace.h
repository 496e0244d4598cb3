#ifndef ACTIUM_SERVER_COMPARE_PACE_H_
#define ACTIUM_SERVER_COMPARE_PACE_H_

#include <memory>

#include "server/base/clock.h"
#include "server/batching/request.h"
#include "server/inference/inference_core.h"

namespace actium::compare {

/// Lets a comparison go at full speed on an idle server, and slowly while clients are served: the
/// scheduler puts no comparison ahead of a client's request, but a processor that computes for a
/// comparison all the time is missing to the threads that receive, run and answer requests.
///
/// While the last request of a client is less than a second old, each batch is followed by a rest
/// nine times as long, so a comparison takes a tenth of one core. Measured times leave rests out.
class Pace {
 public:
  /// Both outlive this.
  Pace(const inference::InferenceCore& core, const base::Clock& clock)
      : core_(core), clock_(clock) {}

  /// How long to rest after a batch that took so long; zero if no client was there lately.
  base::Duration RestAfter(base::Duration took) const;

  /// Rests on the calling thread, until cancelled. cancellation: may be null.
  void Rest(base::Duration took, const std::shared_ptr<batching::Cancellation>& cancellation) const;

 private:
  const inference::InferenceCore& core_;
  const base::Clock& clock_;
};

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_PACE_H_
