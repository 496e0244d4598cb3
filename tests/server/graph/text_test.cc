#include "server/graph/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using graph::Graph;
using tensor::DType;
using ::testing::HasSubstr;

// As ToText() writes it: each operation, defaults left out.
constexpr const char* kEveryOperation = R"(input image: uint8[2, 4, 6]
input residual: fp32[2, 4, 6]
constant weight: [2, 1, 3, 3] = {1, -2, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
constant two: [2] = {0.25, 0.1}
constant scalar: [] = {1e+20}
x = cast(image)
y = convolution(x, weight, two, two, residual) padding=[1, 1] groups=2 { 3 = prelu(0, 1); 4 = add(3, 2); 5 = leaky_relu(4) slope=0.1 }
n = batch_norm(y, two, two, two, two) epsilon=0.001
m = batch_norm(n, two, two, two, two)
p = pointwise(m, scalar) { 2 = divide(0, 1); 3 = subtract(2, 0); 4 = multiply(3, 2); 5 = hardtanh(4) upper=2.5; 6 = mish(5) }
same = pointwise(p)
around = pad(same) before=[1, 0] after=[0, 2] value=0.5
q = pool(same) kernel=[3, 2] stride=[1, 2] padding=[1, 1] ceil_mode=true
a = pool(q) kind=average kernel=[2, 2] count_padding=true
g = global_average(a) source="net.py:7"
r = reshape(g) shape=[2, 1]
c = concat(r, r) axis=1
l = linear(c, matrix.1, two) { 1 = gelu(0) }
s = softmax(l) axis=1
output s, g
)";

std::string EveryOperation() {
  std::string text = kEveryOperation;
  text.insert(text.find("x = cast"), "constant matrix.1: [2, 2] = {1, 2, 3, 4}\n");
  return text;
}

TEST(TextTest, EveryOperationIsWrittenAsItIsRead) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph, graph::ParseText(EveryOperation()));
  EXPECT_EQ(graph::ToText(graph), EveryOperation());
}

TEST(TextTest, ForPeopleItLeavesNumbersOut) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph, graph::ParseText(EveryOperation()));
  const std::string text = graph::ToText(graph, graph::ConstantStyle::kShapes);
  EXPECT_THAT(text, HasSubstr("constant matrix.1: [2, 2]\nx = "));
  EXPECT_THAT(graph::ParseText(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                               "line 3: expected '=', found the end of the line"));
}

TEST(TextTest, ParametersLeftOutAreTheDefaults) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const Graph graph,
      graph::ParseText("input x: fp32[1]\n"
                       "y = pointwise(x) { 1 = hardtanh(0) upper=3; 2 = elu(1) alpha=1 }\n"
                       "output y"));
  const auto& program = *graph::ProgramOf(graph.nodes()[0].op);
  EXPECT_EQ(program[0].step, (std::variant<graph::Activate, graph::ArithmeticKind>(
                                 graph::Activate{activation::Activation::kHardtanh, {-1, 3}})));
  EXPECT_EQ(std::get<graph::Activate>(program[1].step).parameters, std::vector<double>{1});
  EXPECT_THAT(graph::ToText(graph), HasSubstr("hardtanh(0) upper=3; 2 = elu(1) }"));
}

TEST(TextTest, BlanksCommentsAndLineEndsDoNotMatter) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph,
                              graph::ParseText("\n  # A comment.\r\n"
                                               "input\tx :fp32 [ 2,1 ]# here\r\n"
                                               "y=softmax( x )axis=1\n\n"
                                               "output y # and here, without an end"));
  EXPECT_EQ(graph::ToText(graph), "input x: fp32[2, 1]\ny = softmax(x) axis=1\noutput y\n");
}

TEST(TextTest, KeywordsAndNumbersAreNames) {
  const std::string text =
      "input input: fp32[1]\nconstant constant: [] = {1}\noutput = cast(input)\n"
      "1.5 = pointwise(output, constant) { 2 = add(0, 1) }\noutput 1.5\n";
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph graph, graph::ParseText(text));
  EXPECT_EQ(graph::ToText(graph), text);
}

TEST(TextTest, EveryFloatIsReadBackBitByBit) {
  std::vector<uint32_t> bits = {0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF,
                                0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000,
                                0x7FC00000, 0xFFC00000, 0x7FC12345, 0x7F800001, 0xFFFFFFFF};
  // Every exponent, with a mantissa that varies.
  for (uint32_t i = 0; i < 100'000; ++i) bits.push_back(i * 42949u);
  auto numbers = std::make_shared<graph::Numbers>();
  for (const uint32_t pattern : bits) numbers->push_back(std::bit_cast<float>(pattern));
  Graph graph;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto x, graph.AddInput("x", DType::kFp32, {1}));
  ACTIUM_ASSERT_OK(graph.AddConstant("c", {std::ssize(bits)}, numbers));
  ACTIUM_ASSERT_OK(graph.SetOutputs({x}));

  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph parsed, graph::ParseText(graph::ToText(graph)));
  const graph::Numbers& read = *parsed.values()[1].constant;
  ASSERT_EQ(read.size(), bits.size());
  for (size_t i = 0; i < bits.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(read[i]), bits[i]) << fmt::format("{:08x}", bits[i]);
  }
}

TEST(TextTest, SpecialFloatsAreReadable) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const Graph graph,
      graph::ParseText("input x: fp32[1]\n"
                       "constant c: [6] = {inf, -inf, nan, -0, 0x7fc00001, 1e-45}\noutput x\n"));
  EXPECT_THAT(graph::ToText(graph), HasSubstr("= {inf, -inf, nan, -0, 0x7fc00001, 1e-45}"));
}

TEST(TextTest, DoublesAreReadBackBitByBit) {
  for (const double epsilon : {0.1, 1.0 / 3, 5e-324, -0.0, 1e300, 0.0}) {
    Graph graph;
    auto two = std::make_shared<graph::Numbers>(1, 2.0f);
    ACTIUM_ASSERT_OK(graph.AddInput("x", DType::kFp32, {1}));
    ACTIUM_ASSERT_OK(graph.AddConstant("c", {1}, two));
    ACTIUM_ASSERT_OK(graph.AddNode("y", graph::BatchNorm{epsilon}, {0, 1, 1, 1, 1}));
    ACTIUM_ASSERT_OK(graph.SetOutputs({2}));
    ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph parsed, graph::ParseText(graph::ToText(graph)));
    const double read = std::get<graph::BatchNorm>(parsed.nodes()[0].op).epsilon;
    EXPECT_EQ(std::bit_cast<uint64_t>(read), std::bit_cast<uint64_t>(epsilon)) << epsilon;
  }
}

TEST(TextTest, SourcesMayHoldAnyBytes) {
  std::string source = "a \"b\" \\x41 # ü\n";
  for (int byte = 0; byte < 256; ++byte) source.push_back(static_cast<char>(byte));
  Graph graph;
  ACTIUM_ASSERT_OK(graph.AddInput("x", DType::kFp32, {1}));
  ACTIUM_ASSERT_OK(graph.AddNode("y", graph::Softmax{}, {0}, source));
  ACTIUM_ASSERT_OK(graph.SetOutputs({1}));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Graph parsed, graph::ParseText(graph::ToText(graph)));
  EXPECT_EQ(parsed.nodes()[0].source, source);
}

struct Case {
  std::string line;  // Below "input x: fp32[2]" and "constant c: [2] = {1, 1}".
  std::string message;
};

class RefusedTest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusedTest, NamesTheLineWhatWasExpectedAndWhatIsThere) {
  const std::string text =
      "input x: fp32[2]\nconstant c: [2] = {1, 1}\n" + GetParam().line + "\noutput x\n";
  EXPECT_THAT(graph::ParseText(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                               HasSubstr("line 3: " + GetParam().message)))
      << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, RefusedTest,
    ::testing::Values(
        Case{"= cast(x)", "expected a name, or input, constant or output, found '='"},
        Case{"\xff", "expected a name, or input, constant or output, found '\\xff'"},
        Case{"y cast(x)", "expected '=', found 'cast'"},
        Case{"y = cast(x) ]", "expected the end of the line, found ']'"},
        Case{"y = cast(x) { 1 = relu(0) }", "expected the end of the line, found '{'"},
        Case{"y = caste(x)", "expected an operation, found 'caste'"},
        Case{"y = cast x", "expected '(', found 'x'"},
        Case{"y = cast(x", "expected ',' or ')', found the end of the line"},
        Case{"y = cast(x,)", "expected the name of a value above, found ')'"},
        Case{"y = cast(z)", "expected the name of a value above, found 'z'"},
        Case{"y = cast(y)", "expected the name of a value above, found 'y'"},
        Case{"x = softmax(x)", "x: the name is taken"},
        Case{"a-b = softmax(x)", "a name must be 1 to 256 letters, digits, '_' or '.', got 'a-b'"},
        Case{"y = softmax(x) axis=1", "y: softmax: axis must be in [0, 1), got 1"},
        Case{"input y fp32[1]", "expected ':', found 'fp32'"},
        Case{"input y: fp33[1]", "expected a type, as uint8 or fp32, found 'fp33'"},
        Case{"input y: bytes[1]", "y: an input must have numbers, got BYTES"},
        Case{"input y: fp32[1", "expected ',' or ']', found the end of the line"},
        Case{"input y: fp32[1.5]", "expected an integer, found '1.5'"},
        Case{"input y: fp32[9223372036854775808]", "expected an integer, found '9223"},
        Case{"input y: fp32[0]", "y: dimensions must be at least 1"},
        Case{"constant d: [1] = 1", "expected '{', found '1'"},
        Case{"constant d: [1] = {1, 1}", "d: 2 numbers do not fill the shape [1]"},
        Case{"constant d: [99999999999] = {}", "d: 0 numbers do not fill the shape"},
        Case{"constant d: [1] = {one}", "expected a float, found 'one'"},
        Case{"constant d: [1] = {1e99}", "expected a float, found '1e99'"},
        Case{"constant d: [1] = {0x7fc0000}", "expected a float's 32 bits, found '0x7fc0000'"},
        Case{"constant d: [1] = {0x7fc0000g}", "expected a float's 32 bits"},
        Case{"output", "expected the name of a value above, found the end of the line"},
        Case{"output c", "outputs: c is a constant"},
        Case{"output x,", "expected the name of a value above"}));

INSTANTIATE_TEST_SUITE_P(
    Attributes, RefusedTest,
    ::testing::Values(
        Case{"y = softmax(x) axes=1", "expected an attribute of the operation, found 'axes'"},
        Case{"y = cast(x) axis=1", "expected an attribute of the operation, found 'axis'"},
        Case{"y = softmax(x) axis 1", "expected '=', found '1'"},
        Case{"y = softmax(x) axis=0 axis=0", "expected each attribute once, found 'axis'"},
        Case{"y = softmax(x) axis=0.5", "expected a small integer, found '0.5'"},
        Case{"y = softmax(x) axis=2147483648", "expected a small integer, found '2147483648'"},
        Case{"y = pool(x) kernel=[1]", "expected ',', found ']'"},
        Case{"y = pool(x) kernel=[1, 1, 1]", "expected ']', found ','"},
        Case{"y = pool(x) kind=mean", "expected one of max, average, found 'mean'"},
        Case{"y = pool(x) ceil_mode=1", "expected one of false, true, found '1'"},
        Case{"y = batch_norm(x, c, c, c, c) epsilon=[1]", "expected a number, found '['"},
        Case{"y = softmax(x) source=net", "expected a text in double quotes, found 'net'"},
        Case{"y = softmax(x) source=\"net", "expected a text that ends with"},
        Case{"y = softmax(x) source=\"\\n\"", "expected a text that ends with"},
        Case{"y = softmax(x) source=\"\\x4\"", "expected a text that ends with"}));

INSTANTIATE_TEST_SUITE_P(
    Programs, RefusedTest,
    ::testing::Values(
        Case{"y = pointwise(x) {", "expected a small integer, found the end of the line"},
        Case{"y = pointwise(x) { }", "expected a small integer, found '}'"},
        Case{"y = pointwise(x) { 1 = relu(0)", "expected ';' or '}', found the end of the line"},
        Case{"y = pointwise(x) { 2 = relu(0) }", "expected register 1, found '2'"},
        Case{"y = pointwise(x, c) { 2 = relu(0); 2 = relu(0) }", "expected register 3, found '2'"},
        Case{"y = pointwise(x) { 1 = silu(0) }",
             "expected an activation or one of add, subtract, multiply, divide, found 'silu'"},
        Case{"y = pointwise(x) { 1 = relu 0 }", "expected '(', found '0'"},
        Case{"y = pointwise(x) { 1 = relu(x) }", "expected a small integer, found 'x'"},
        Case{"y = pointwise(x) { 1 = relu(0, 1, 2) }", "expected ')', found ','"},
        Case{"y = pointwise(x) { 1 = relu(0) slope=1 }", "expected an attribute"},
        Case{"y = pointwise(x, c) { 2 = prelu(0, 1) slope=1 }", "expected an attribute"},
        Case{"y = pointwise(x) { 1 = add(0, 0) slope=1 }", "expected ';' or '}', found 'slope'"},
        Case{"y = pointwise(x) { 1 = leaky_relu(0) slope=2e6 }", "y: pointwise: activation"},
        Case{"y = pointwise(x) { 1 = leaky_relu(0) slope=nan }", "y: pointwise: activation"}));

TEST(TextTest, OutputsAreGivenOnce) {
  EXPECT_THAT(graph::ParseText("input x: fp32[1]\noutput x\noutput x\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 3: ")));
  EXPECT_THAT(graph::ParseText("input x: fp32[1]\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 1: expected a line 'output ...' in the text")));
  EXPECT_THAT(graph::ParseText(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("")));
}

// What is long, deep or repeated in a text is refused or read in proportion to its length.
TEST(TextTest, HostileTextsAreRefused) {
  for (const std::string& part :
       {std::string("["), std::string("{"), std::string("("), std::string("x"), std::string("y = "),
        std::string("\n"), std::string("\""), std::string("\\"), std::string(1, '\0')}) {
    std::string text;
    while (text.size() < 100'000) text += part;
    const auto graph = graph::ParseText(text);
    EXPECT_THAT(graph, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line ")));
    EXPECT_LT(graph.status().message().size(), 1000u);
  }
}

// Each prefix of a good text ends somewhere in the grammar.
TEST(TextTest, EveryPrefixIsHandled) {
  const std::string text = EveryOperation();
  int good = 0;
  for (size_t size = 0; size < text.size(); ++size) {
    // A copy of exactly this size, so that a read behind its end is noticed.
    const std::vector<char> prefix(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    good += graph::ParseText({prefix.data(), prefix.size()}).ok() ? 1 : 0;
  }
  EXPECT_EQ(good, 2);  // Without ", g" and its line end, and without the last line end.
}

}  // namespace
}  // namespace actium::test
