#include "server/cpu/convolution.h"

#include <utility>

#include "server/cpu/onednn_convolution.h"

namespace actium::cpu {

std::unique_ptr<ConvolutionLayer> NewConvolution(ConvolutionSpec spec) {
  return NewOneDnnConvolution(std::move(spec));
}

}  // namespace actium::cpu
