#include "tests/bench/torch_activation.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>

namespace actium::bench {
namespace {

using activation::Activation;

// By the names of LibTorch's ops; parameters as in server/activation/table.cc.
void Compute(Activation id, const at::Tensor& in, at::Tensor& out, const at::Tensor& slope) {
  switch (id) {
    case Activation::kIdentity:
      out.copy_(in);
      return;
    case Activation::kSigmoid:
      at::sigmoid_out(out, in);
      return;
    case Activation::kTanh:
      at::tanh_out(out, in);
      return;
    case Activation::kRelu:
      at::relu_out(out, in);
      return;
    case Activation::kLeakyRelu:
      at::leaky_relu_out(out, in, 0.01);
      return;
    case Activation::kPrelu:
      at::prelu(in, slope);
      return;
    case Activation::kSwish:
      at::silu_out(out, in);
      return;
    case Activation::kMish:
      at::mish_out(out, in);
      return;
    case Activation::kGelu:
      at::gelu_out(out, in, "none");
      return;
    case Activation::kGeluTanh:
      at::gelu_out(out, in, "tanh");
      return;
    case Activation::kElu:
      at::elu_out(out, in);
      return;
    case Activation::kSelu:
      at::elu_out(out, in, 1.6732632423543772, 1.0507009873554805);  // As at::selu does.
      return;
    case Activation::kCelu:
      at::celu_out(out, in);
      return;
    case Activation::kHardswish:
      at::hardswish_out(out, in);
      return;
    case Activation::kHardsigmoid:
      at::hardsigmoid_out(out, in);
      return;
    case Activation::kHardtanh:
      at::hardtanh_out(out, in);
      return;
    case Activation::kRelu6:
      at::hardtanh_out(out, in, 0, 6);
      return;
    case Activation::kSoftplus:
      at::softplus_out(out, in);
      return;
    case Activation::kSoftsign:
      at::div(in, at::abs(in).add_(1));
      return;
  }
  std::abort();  // Not an Activation.
}

}  // namespace

std::function<void()> TorchActivation(activation::Activation id, float* in, float* out,
                                      size_t count) {
  at::set_num_threads(1);
  const auto size = static_cast<int64_t>(count);
  return [id, from = at::from_blob(in, {size}), to = at::from_blob(out, {size}),
          slope = at::full({1}, 0.25)]() mutable {
    const c10::InferenceMode guard;
    Compute(id, from, to, slope);
  };
}

}  // namespace actium::bench
