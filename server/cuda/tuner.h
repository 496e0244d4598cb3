#ifndef ACTIUM_SERVER_CUDA_TUNER_H_
#define ACTIUM_SERVER_CUDA_TUNER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "server/cuda/contraction.h"

namespace actium::cuda {

/// Chooses kernels for contractions on one device: by measuring all that fit, or by what should be
/// fastest. Used by one thread at a time.
///
/// What was measured is kept in a file of the cache folder, one for each device, driver and version
/// of these kernels; each shape is measured once. A file that cannot be read is measured anew.
class Tuner {
 public:
  /// device: the calling thread's. cache: a folder, made if it is not there; empty: nothing is
  /// kept. Errors: INTERNAL, UNAVAILABLE.
  static absl::StatusOr<Tuner> Make(int device, bool measure, const std::string& cache);

  /// Errors: RESOURCE_EXHAUSTED, UNAVAILABLE; INTERNAL also for a kernel whose results differ from
  /// the reference's.
  absl::StatusOr<const ContractionKernel*> Choose(const ContractionShape& shape,
                                                  const Arithmetics& arithmetics);

  /// Writes what was measured, if there is anything new. Errors: PERMISSION_DENIED names the file.
  absl::Status Save() const;

 private:
  Tuner() = default;

  bool measure_ = false;
  int multiprocessors_ = 1;
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_TUNER_H_
