#ifndef ACTIUM_SERVER_CUDA_TUNER_H_
#define ACTIUM_SERVER_CUDA_TUNER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "server/cuda/contraction.h"

namespace actium::cuda {

/// Chooses kernels for contractions on one device: by measuring all that fit, or by what should be
/// fastest (FittingKernels()). Used by one thread at a time.
///
/// What is measured is first checked: its results must be those of kReferenceKernel, Mish and large
/// numbers included. A shape is measured once; what was found is kept in a file of the cache
/// folder, which is of use to the same GPU, driver and version of these kernels only: otherwise, or
/// if it cannot be understood, it is measured anew and written over.
class Tuner {
 public:
  /// device: the calling thread's. cache: a folder, made if it is not there; empty: nothing is
  /// kept. Errors: INTERNAL, UNAVAILABLE.
  static absl::StatusOr<Tuner> Make(int device, bool measure, const std::string& cache);

  /// Where there is too little memory to measure, what should be fastest is chosen.
  ///
  /// Errors: UNAVAILABLE; INTERNAL also if a kernel's results differ from the reference's.
  absl::StatusOr<const ContractionKernel*> Choose(const ContractionShape& shape,
                                                  const Arithmetics& arithmetics);

  /// Writes what was measured, if there is anything new. Errors: PERMISSION_DENIED names the file.
  absl::Status Save() const;

 private:
  Tuner() = default;

  void Read();

  bool measure_ = false;
  int multiprocessors_ = 1;
  std::string machine_;                        // GPU, driver, kernels: the file's first line.
  std::string file_;                           // Empty: none.
  std::map<std::string, std::string> chosen_;  // Kernels' names by what they compute.
  bool changed_ = false;
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_TUNER_H_
