#ifndef ACTIUM_SERVER_CPU_ONEDNN_CONVOLUTION_H_
#define ACTIUM_SERVER_CPU_ONEDNN_CONVOLUTION_H_

// Internal to server/cpu.

#include <memory>

#include "server/cpu/convolution.h"

namespace actium::cpu {

/// Any convolution by oneDNN's direct algorithms.
std::unique_ptr<ConvolutionLayer> NewOneDnnConvolution(ConvolutionSpec spec);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_ONEDNN_CONVOLUTION_H_
