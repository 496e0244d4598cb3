#include "models/zoo/mish_function.h"

#include "models/zoo/mish_kernel.h"

namespace actium::zoo {
namespace {

// Elementwise kernels take the elements in memory order, so every dense order will do, as long as
// all tensors of a call share it.
torch::Tensor InOrderOf(const torch::Tensor& tensor, const torch::Tensor& order) {
  if (tensor.strides() == order.strides()) return tensor;
  return torch::empty_strided(order.sizes(), order.strides(), order.options()).copy_(tensor);
}

class Mish : public torch::autograd::Function<Mish> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    const torch::Tensor dense = x.is_non_overlapping_and_dense() ? x : x.contiguous();
    context->save_for_backward({dense});
    torch::Tensor y = torch::empty_strided(dense.sizes(), dense.strides(), dense.options());
    MishForward(dense.const_data_ptr<float>(), y.mutable_data_ptr<float>(), y.numel());
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const torch::Tensor x = context->get_saved_variables()[0];
    const torch::Tensor dy = InOrderOf(gradients[0], x);
    torch::Tensor dx = torch::empty_strided(x.sizes(), x.strides(), x.options());
    MishBackward(x.const_data_ptr<float>(), dy.const_data_ptr<float>(),
                 dx.mutable_data_ptr<float>(), dx.numel());
    return {dx};
  }
};

}  // namespace

torch::Tensor FusedMish(const torch::Tensor& x) { return Mish::apply(x); }

}  // namespace actium::zoo
