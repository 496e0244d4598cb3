// What a model that does not fit its configuration is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/libtorch/run_model.h"
#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string name;
  std::string source;
  engine::Signature signature;
  std::string expected;  // In the message.
};

engine::Signature Rows(std::vector<tensor::TensorSpec> inputs,
                       std::vector<tensor::TensorSpec> outputs, int max_batch_size = 8) {
  return {
      .max_batch_size = max_batch_size, .inputs = std::move(inputs), .outputs = std::move(outputs)};
}

tensor::TensorSpec Floats(const std::string& name, tensor::Shape shape) {
  return {.name = name, .dtype = DType::kFp32, .shape = std::move(shape)};
}

class LoadErrorsTest : public ::testing::TestWithParam<Case> {};

TEST_P(LoadErrorsTest, AreInvalidArgumentAndSayWhatDiffers) {
  const test::TempRepository folder;
  const test::TinyModel model = {
      .source = GetParam().source, .parameters = {{"w", {4, 10}}}, .extra_files = {}};
  EXPECT_THAT(test::MakeRunnable(folder, model, GetParam().signature),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(GetParam().expected), Not(HasSubstr("\n")))));
}

INSTANTIATE_TEST_SUITE_P(
    Models, LoadErrorsTest,
    ::testing::Values(
        Case{"WrongOutputSize", "def forward(self, x):\n  return torch.matmul(x, self.w)\n",
             Rows({Floats("x", {4})}, {Floats("logits", {12})}),
             "output 'logits': the model gives FP32 [1, 10] for a batch of 1, the configuration "
             "says FP32 [-1, 12]"},
        Case{"WrongOutputType", "def forward(self, x):\n  return x\n",
             Rows({Floats("x", {4})}, {{.name = "y", .dtype = DType::kInt64, .shape = {4}}}),
             "output 'y': the model gives FP32 [1, 4] for a batch of 1, the configuration says "
             "INT64 [-1, 4]"},
        Case{"WrongOutputRank", "def forward(self, x):\n  return x\n",
             Rows({Floats("x", {4})}, {Floats("y", {2, 2})}),
             "output 'y': the model gives FP32 [1, 4] for a batch of 1, the configuration says "
             "FP32 [-1, 2, 2]"},
        Case{"WrongInputSize", "def forward(self, x):\n  return torch.matmul(x, self.w)\n",
             Rows({Floats("x", {5})}, {Floats("logits", {10})}),
             "trial run on zeros of 'x' FP32 [1, 5]"},
        Case{"WrongInputType", "def forward(self, x):\n  return torch.matmul(x, self.w)\n",
             Rows({{.name = "x", .dtype = DType::kUint8, .shape = {4}}}, {Floats("logits", {10})}),
             "trial run on zeros of 'x' UINT8 [1, 4]"},
        Case{"BatchDimensionIsIgnored", "def forward(self, x):\n  return x.sum(0, keepdim=True)\n",
             Rows({Floats("x", {4})}, {Floats("y", {4})}),
             "output 'y': the model gives FP32 [1, 4] for a batch of 2"},
        Case{"TooFewInputs", "def forward(self, x, y):\n  return x + y\n",
             Rows({Floats("x", {4})}, {Floats("z", {4})}),
             "the model takes 2 inputs (x, y), the configuration says 1 ('x')"},
        Case{"TooManyInputs", "def forward(self, x):\n  return x\n",
             Rows({Floats("x", {4}), Floats("y", {4})}, {Floats("z", {4})}),
             "the model takes 1 inputs (x), the configuration says 2 ('x', 'y')"},
        Case{"TooManyOutputs", "def forward(self, x):\n  return x\n",
             Rows({Floats("x", {4})}, {Floats("y", {4}), Floats("z", {4})}),
             "the model gives 1 outputs, the configuration says 2 ('y', 'z')"},
        Case{"ArgumentIsNoTensor", "def forward(self, xs: List[Tensor]):\n  return xs[0]\n",
             Rows({Floats("xs", {4})}, {Floats("y", {4})}),
             "argument 'xs' of 'forward' must be a tensor, is List[Tensor]"},
        Case{"ResultIsADictionary", "def forward(self, x):\n  return {'y': x}\n",
             Rows({Floats("x", {4})}, {Floats("y", {4})}),
             "'forward' must return a tensor, or a tuple or list of tensors; returns GenericDict"},
        Case{"ResultIsANumber", "def forward(self, x):\n  return x, 3\n",
             Rows({Floats("x", {4})}, {Floats("y", {4})}),
             "result 1 of 'forward' must be a tensor, is Int"},
        Case{"ResultIsComplex", "def forward(self, x):\n  return torch.complex(x, x)\n",
             Rows({Floats("x", {4})}, {Floats("y", {4})}), "which the protocol lacks"},
        Case{"NoForward", "def other(self, x):\n  return x\n",
             Rows({Floats("x", {4})}, {Floats("y", {4})}), "the model has no method 'forward'"},
        Case{"BytesInput", "def forward(self, x):\n  return x\n",
             Rows({{.name = "x", .dtype = DType::kBytes, .shape = {1}}}, {Floats("y", {4})}),
             "tensor 'x': the libtorch engine has no BYTES"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace actium::libtorch
