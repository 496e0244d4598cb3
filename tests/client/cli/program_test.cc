// The program `actium` as a user runs it, without a server: arguments, exit status, output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/run_actium.h"

namespace actium::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Arguments = std::vector<std::string>;

// Nothing listens there, and nobody may: it is a reserved port.
const char kNoServer[] = "127.0.0.1:1";

const Arguments kCommands = {"models",      "predict",     "bench",      "demo",    "health",
                             "activations", "init-config", "completion", "compare", "outputs"};

TEST(ProgramTest, EveryCommandHasHelpWithAnExample) {
  for (const std::string& command : kCommands) {
    const Outcome help = RunActium({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, AllOf(HasSubstr("Usage: "), HasSubstr("Example: "), HasSubstr("--json")))
        << command;
  }
  const Outcome whole = RunActium({"--help"});
  EXPECT_EQ(whole.status, 0);
  EXPECT_THAT(whole.out, AllOf(HasSubstr("Exit status: 0 done"), HasSubstr("--local")));
  for (const std::string& command : kCommands) EXPECT_THAT(whole.out, HasSubstr(command));
}

TEST(ProgramTest, TellsItsVersion) {
  const Outcome version = RunActium({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(ProgramTest, BadArgumentsEndWithTwoAndSayWhy) {
  const std::vector<std::pair<Arguments, std::string>> cases = {
      {{}, "subcommand is required"},
      {{"frobnicate"}, "frobnicate"},
      {{"models", "--frobnicate"}, "--frobnicate"},
      {{"predict"}, "MODEL is required"},
      {{"predict", "mish"}, "FILE is required"},
      {{"predict", "mish", "x.png", "--scale", "big"}, "--scale"},
      {{"predict", "mish", "x.png", "--top", "0"}, "--top"},
      {{"bench", "mish", "--concurrency", "0"}, "--concurrency"},
      {{"bench", "mish", "--concurrency", "2", "--rate", "5"}, "--rate"},
      {{"bench", "mish", "--rate", "-1"}, "--rate"},
      {{"bench", "mish", "--duration", "long"}, "--duration"},
      {{"completion", "tcsh"}, "SHELL"},
      {{"models", "--timeout", "0"}, "--timeout"},
      {{"--local", "/nowhere", "models"}, "/nowhere"},
      {{"activations", "nosuch"}, "no activation 'nosuch'; there are identity"},
      {{"activations", "mish", "--from", "2", "--to", "1"}, "--from must be less than --to"},
  };
  for (const auto& [arguments, text] : cases) {
    const Outcome outcome = RunActium(arguments);
    EXPECT_EQ(outcome.status, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out + outcome.err, HasSubstr(text));
  }
}

TEST(ProgramTest, WithoutAServerEndsWithThree) {
  const ScratchFolder folder;
  for (Arguments arguments : std::vector<Arguments>{{"models"},
                                                    {"health"},
                                                    {"bench", "mish"},
                                                    {"predict", "mish", "x.png"},
                                                    {"demo", "--wait", "0"}}) {
    arguments.insert(arguments.end(), {"--server", kNoServer, "--timeout", "5"});
    const Outcome outcome = RunActium(arguments);
    EXPECT_EQ(outcome.status, 3) << arguments.front() << ": " << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("actium: ")) << arguments.front();
    EXPECT_THAT(outcome.out, IsEmpty()) << arguments.front();
  }
}

TEST(ProgramTest, ErrorsAreJsonToo) {
  const Outcome outcome = RunActium({"models", "--json", "--server", kNoServer, "--timeout", "5"});
  EXPECT_EQ(outcome.status, 3);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["error"]["code"], "UNAVAILABLE");
  EXPECT_THAT(json["error"]["message"].get<std::string>(), HasSubstr(kNoServer));
}

TEST(ProgramTest, ABadFileEndsWithFiveAndIsNamed) {
  const ScratchFolder folder;
  const Outcome no_data = RunActium({"demo", "--data", folder.path().string()});
  EXPECT_EQ(no_data.status, 5);
  EXPECT_THAT(no_data.err, HasSubstr(folder.path().string() + "/t10k-images-idx3-ubyte"));
  const std::string text = folder.Write("t10k-images-idx3-ubyte.gz", "no idx");
  const Outcome damaged = RunActium({"demo", "--data", folder.path().string()});
  EXPECT_EQ(damaged.status, 5);
  EXPECT_THAT(damaged.err, HasSubstr(text + ": no IDX file"));
  const Outcome no_model = RunActium({"init-config", "/nowhere/model.pt", "--input", "3"});
  EXPECT_EQ(no_model.status, 5);
  const Outcome no_certificate = RunActium({"models", "--tls-ca", "/nowhere/ca.pem"});
  EXPECT_EQ(no_certificate.status, 5);
}

TEST(ProgramTest, ActivationsAreListedAndPlotted) {
  const Outcome list = RunActium({"activations"});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, AllOf(HasSubstr("leaky_relu"), HasSubstr("hardswish")));
  const Outcome one = RunActium({"activations", "LeakyReLU"});
  EXPECT_EQ(one.status, 0);
  EXPECT_THAT(one.out, AllOf(HasSubstr("Leaky ReLU"), HasSubstr("slope"), HasSubstr("│"),
                             Not(HasSubstr("\x1b"))));
  const auto json = nlohmann::json::parse(RunActium({"activations", "--json"}).out);
  EXPECT_EQ(json["activations"].size(), 19u);
  EXPECT_EQ(nlohmann::json::parse(RunActium({"activations", "mish", "--json"}).out)["name"],
            "mish");
}

TEST(CompletionTest, EachShellReadsItsScript) {
  const std::vector<std::pair<std::string, Arguments>> shells = {{"bash", {"/bin/bash", "-n"}},
                                                                 {"zsh", {"/usr/bin/zsh", "-n"}},
                                                                 {"fish", {"/usr/bin/fish", "-n"}}};
  for (const auto& [shell, check] : shells) {
    const Outcome script = RunActium({"completion", shell});
    ASSERT_EQ(script.status, 0);
    for (const std::string& command : kCommands) EXPECT_THAT(script.out, HasSubstr(command));
    EXPECT_THAT(script.out, HasSubstr("concurrency"));
    if (!std::filesystem::exists(check.front())) continue;  // Only bash is on every machine.
    const ScratchFolder folder;
    Arguments arguments = check;
    arguments.push_back(folder.Write("script", script.out));
    const Outcome checked = RunProgram(arguments);
    EXPECT_EQ(checked.status, 0) << checked.err;
  }
}

TEST(CompletionTest, BashCompletesCommandsAndTheirOptions) {
  const ScratchFolder folder;
  const std::string script = folder.Write("script", RunActium({"completion", "bash"}).out);
  const auto complete = [&](const std::string& words, int count) {
    return RunProgram({"/bin/bash", "-c",
                       "source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" +
                           std::to_string(count) + "; _actium; echo \"${COMPREPLY[*]}\""})
        .out;
  };
  EXPECT_EQ(complete("actium mod", 1), "models\n");
  EXPECT_THAT(complete("actium bench relu --con", 3), HasSubstr("--concurrency\n"));
  EXPECT_THAT(complete("actium models --con", 2), Not(HasSubstr("--concurrency")));
  EXPECT_THAT(complete("actium --lo", 1), HasSubstr("--local"));
}

}  // namespace
}  // namespace actium::test
