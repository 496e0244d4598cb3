// actium-train as a person or a script calls it.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  int exit_status = -1;
  std::string output;  // Both streams.
};

Outcome RunTrainer(const std::string& arguments) {
  const std::string command = ACTIUM_BINARY_DIR "/bin/actium-train " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  Outcome outcome;
  char buffer[4096];
  while (size_t size = fread(buffer, 1, sizeof(buffer), pipe)) outcome.output.append(buffer, size);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) outcome.exit_status = WEXITSTATUS(status);
  return outcome;
}

TEST(TrainerProgramTest, HelpHasAnExampleAndTheExitStatuses) {
  const Outcome help = RunTrainer("--help");
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_THAT(help.output, HasSubstr("Example: actium-train --activation mish"));
  EXPECT_THAT(help.output, HasSubstr("Exit status: 0 done, 1 failed, 2 bad arguments"));
}

TEST(TrainerProgramTest, BadArgumentsExitWithTwoAndSayWhatIsWrong) {
  const auto refused = [](const std::string& arguments, const char* why) {
    const Outcome outcome = RunTrainer(arguments);
    EXPECT_EQ(outcome.exit_status, 2) << arguments;
    EXPECT_THAT(outcome.output, HasSubstr(why));
  };
  refused("", "--activation is required");
  refused("--activation swash", "got 'swash'");
  refused("--activation relu --epochs 0", "epochs must be in [1, 10000], got 0");
  refused("--activation relu --epochs many", "--epochs");
  refused("--no-such-option", "--no-such-option");
  refused("evaluate", "FILE is required");
  refused("predictions", "--repository is required");
  refused("predictions --repository nowhere", "must be SEED=DIR");
  refused("predictions --repository 1=a --repository 1=b", "seed 1 is given twice");
}

TEST(TrainerProgramTest, MissingDataExitsWithOneAndNamesTheFolder) {
  const TempRepository folder;
  const Outcome outcome = RunTrainer("--activation relu --data " + folder.root().string() +
                                     " --runs " + (folder.root() / "runs").string());
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_THAT(outcome.output, HasSubstr(folder.root().string()));
  EXPECT_THAT(outcome.output, HasSubstr("dataset-fashion-mnist"));
}

}  // namespace
}  // namespace actium::test
