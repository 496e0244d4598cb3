#include "server/cpu/onednn_convolution.h"

#include <array>
#include <list>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/cpu/catch_onednn.h"
#include "server/cpu/threads.h"

namespace actium::cpu {
namespace {

using dnnl::memory;
using Dims = memory::dims;
constexpr auto kFloat = memory::data_type::f32;

// One for the process; it has no state. Never destroyed: threads may outlive main().
const dnnl::engine& Engine() {
  static const auto* const engine = new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return *engine;
}

// oneDNN reads what it gets as const.
void* Mutable(const float* numbers) { return const_cast<float*>(numbers); }

// A primitive and the constants that it reads.
struct Prepared {
  dnnl::primitive primitive;
  memory::desc x, y, scratchpad;
  memory weight, bias;  // Each in one of the layer's; of several plans the same.
  std::string algorithm;
  std::shared_ptr<const graph::Numbers> bias_numbers;
};

class OneDnnRun final : public ConvolutionRun {
 public:
  explicit OneDnnRun(std::shared_ptr<const Prepared> prepared)
      : prepared_(std::move(prepared)),
        stream_(Engine()),
        x_(prepared_->x, Engine(), DNNL_MEMORY_NONE),
        y_(prepared_->y, Engine(), DNNL_MEMORY_NONE),
        scratchpad_(prepared_->scratchpad, Engine(), DNNL_MEMORY_NONE),
        arguments_{{{DNNL_ARG_SRC, x_.get()},
                    {DNNL_ARG_WEIGHTS, prepared_->weight.get()},
                    {DNNL_ARG_BIAS, prepared_->bias.get()},
                    {DNNL_ARG_DST, y_.get()},
                    {DNNL_ARG_SCRATCHPAD, scratchpad_.get()}}} {}

  // The C interface: it takes an array, the C++ one builds a map at every call.
  absl::Status Run(const float* x, float* y, std::byte* scratch) override {
    dnnl_memory_set_data_handle(x_.get(), Mutable(x));
    dnnl_memory_set_data_handle(y_.get(), y);
    dnnl_memory_set_data_handle(scratchpad_.get(), scratch);
    return FromOneDnn("convolution", dnnl_primitive_execute(
                                         prepared_->primitive.get(), stream_.get(),
                                         static_cast<int>(arguments_.size()), arguments_.data()));
  }

 private:
  const std::shared_ptr<const Prepared> prepared_;
  dnnl::stream stream_;
  memory x_, y_, scratchpad_;
  const std::array<dnnl_exec_arg_t, 5> arguments_;
};

class OneDnnPlan final : public ConvolutionPlan {
 public:
  explicit OneDnnPlan(std::shared_ptr<const Prepared> prepared) : prepared_(std::move(prepared)) {}

  size_t scratch_bytes() const override { return prepared_->scratchpad.get_size(); }
  std::string algorithm() const override { return prepared_->algorithm; }
  absl::StatusOr<std::unique_ptr<ConvolutionRun>> NewRun() const override {
    return CatchOneDnn("preparing a convolution", [&]() -> std::unique_ptr<ConvolutionRun> {
      return std::make_unique<OneDnnRun>(prepared_);
    });
  }

 private:
  const std::shared_ptr<const Prepared> prepared_;
};

class OneDnnLayer final : public ConvolutionLayer {
 public:
  explicit OneDnnLayer(ConvolutionSpec spec) : spec_(std::move(spec)) {}

  absl::StatusOr<std::shared_ptr<const ConvolutionPlan>> PlanFor(int64_t images,
                                                                 int threads) override {
    base::MutexLock lock(mutex_);
    std::shared_ptr<const ConvolutionPlan>& plan = plans_[{images, threads}];
    if (plan != nullptr) return plan;
    // A primitive splits its work among the threads that there are when it is made.
    UseThreads(threads);
    ACTIUM_ASSIGN_OR_RETURN(plan, CatchOneDnn("preparing a convolution", [&] {
                              return std::shared_ptr<const ConvolutionPlan>(
                                  std::make_shared<OneDnnPlan>(Prepare(images)));
                            }));
    return plan;
  }

 private:
  bool linear() const {
    const graph::Pair one = {1, 1};
    return spec_.groups == 1 && spec_.in_size == one && spec_.kernel == one;
  }

  std::shared_ptr<const Prepared> Prepare(int64_t images) {
    return linear() ? PrepareLinear(images) : PrepareConvolution(images);
  }
  std::shared_ptr<const Prepared> PrepareLinear(int64_t images);
  std::shared_ptr<const Prepared> PrepareConvolution(int64_t images);

  // Puts together what both kinds of primitive have alike.
  template <class Primitive>
  std::shared_ptr<const Prepared> Finish(const typename Primitive::primitive_desc& description,
                                         const memory::desc& plain);

  // The weights in the layout that a primitive wants: packed once for all that want the same.
  memory Packed(const memory::desc& plain, const memory::desc& wanted);

  const ConvolutionSpec spec_;
  base::Mutex mutex_;
  std::map<std::pair<int64_t, int>, std::shared_ptr<const ConvolutionPlan>> plans_
      ABSL_GUARDED_BY(mutex_);
  std::list<memory> packed_;  // Under mutex_, too; said here, as lambdas are not analysed.
};

dnnl::primitive_attr UserScratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

std::shared_ptr<const Prepared> OneDnnLayer::PrepareLinear(int64_t images) {
  const memory::desc x({images, spec_.in_channels}, kFloat, memory::format_tag::ab);
  const memory::desc y({images, spec_.out_channels}, kFloat, memory::format_tag::ab);
  const memory::desc bias({spec_.out_channels}, kFloat, memory::format_tag::a);
  const Dims weight = {spec_.out_channels, spec_.in_channels};
  return Finish<dnnl::inner_product_forward>(
      {Engine(), dnnl::prop_kind::forward_inference, x,
       memory::desc(weight, kFloat, memory::format_tag::any), bias, y, UserScratchpad()},
      memory::desc(weight, kFloat, memory::format_tag::ab));
}

Dims ToDims(const graph::Pair& pair) { return {pair[0], pair[1]}; }

std::shared_ptr<const Prepared> OneDnnLayer::PrepareConvolution(int64_t images) {
  const ConvolutionSpec& s = spec_;
  // Channels last is given, not left to oneDNN: its kernels for it are the faster ones, and nothing
  // has to be reordered between layers.
  const auto image = [&](int64_t channels, const graph::Pair& size) {
    return memory::desc({images, channels, size[0], size[1]}, kFloat, memory::format_tag::nhwc);
  };
  Dims weight = {s.out_channels, s.in_channels / s.groups, s.kernel[0], s.kernel[1]};
  auto plain = memory::format_tag::abcd;
  if (s.groups > 1) {
    weight[0] /= s.groups;
    weight.insert(weight.begin(), s.groups);
    plain = memory::format_tag::abcde;
  }
  return Finish<dnnl::convolution_forward>(
      {Engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
       image(s.in_channels, s.in_size), memory::desc(weight, kFloat, memory::format_tag::any),
       memory::desc({s.out_channels}, kFloat, memory::format_tag::a),
       image(s.out_channels, s.out_size), ToDims(s.stride),
       Dims{s.dilation[0] - 1, s.dilation[1] - 1},  // It counts the holes.
       ToDims(s.padding), ToDims(s.padding), UserScratchpad()},
      memory::desc(weight, kFloat, plain));
}

template <class Primitive>
std::shared_ptr<const Prepared> OneDnnLayer::Finish(
    const typename Primitive::primitive_desc& description, const memory::desc& plain) {
  Prepared prepared = {
      .primitive = Primitive(description),
      .x = description.src_desc(),
      .y = description.dst_desc(),
      .scratchpad = description.scratchpad_desc(),
      .weight = Packed(plain, description.weights_desc()),
      .bias = memory(description.bias_desc(), Engine(), Mutable(spec_.bias->data())),
      .algorithm = description.impl_info_str(),
      .bias_numbers = spec_.bias};
  return std::make_shared<const Prepared>(std::move(prepared));
}

memory OneDnnLayer::Packed(const memory::desc& plain, const memory::desc& wanted) {
  for (const memory& known : packed_) {
    if (known.get_desc() == wanted) return known;
  }
  memory from(plain, Engine(), Mutable(spec_.weight->data()));
  memory to(wanted, Engine());
  dnnl::stream stream(Engine());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  packed_.push_back(to);
  return to;
}

}  // namespace

std::unique_ptr<ConvolutionLayer> NewOneDnnConvolution(ConvolutionSpec spec) {
  return std::make_unique<OneDnnLayer>(std::move(spec));
}

}  // namespace actium::cpu
