#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/commands.h"

namespace actium::cli {
namespace {

enum class Shell { kBash, kZsh, kFish };

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// A word in single quotes, for bash and zsh.
std::string Quoted(const std::string& text) { return "'" + Replaced(text, "'", R"('\'')") + "'"; }

std::string FishQuoted(const std::string& text) {
  return "'" + Replaced(Replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

struct Flag {
  std::string name;  // Without dashes.
  std::string description;
  bool takes_value = false;
};

std::vector<Flag> FlagsOf(const CLI::App& command) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags.push_back({name, option->get_description(), option->get_type_size_max() > 0});
    }
  }
  return flags;
}

std::vector<const CLI::App*> CommandsOf(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App*) { return true; });
}

std::string Names(const CLI::App& program, std::string_view separator) {
  std::vector<std::string> names;
  for (const CLI::App* command : CommandsOf(program)) names.push_back(command->get_name());
  return fmt::format("{}", fmt::join(names, separator));
}

std::string OptionWords(const CLI::App& command) {
  std::vector<std::string> words;
  for (const Flag& flag : FlagsOf(command)) words.push_back("--" + flag.name);
  return fmt::format("{}", fmt::join(words, " "));
}

std::string Bash(const CLI::App& program) {
  std::string cases;
  for (const CLI::App* command : CommandsOf(program)) {
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), OptionWords(*command));
  }
  return fmt::format(R"(_actium() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command='' words='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in
    {}) command=$word; break ;;
    esac
  done
  case $command in
{}    *) words='{} {}' ;;
  esac
  # Files where no option is being written: -o default.
  if [[ -z $command || $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}}
complete -o default -F _actium actium
)",
                     Names(program, "|"), cases, Names(program, " "), OptionWords(program));
}

// "name:description" for zsh's _describe.
std::string Described(const std::string& name, const std::string& description) {
  return Quoted(Replaced(name, ":", "\\:") + ":" + Replaced(description, ":", "\\:"));
}

std::string ZshOptions(const CLI::App& command) {
  std::vector<std::string> words;
  for (const Flag& flag : FlagsOf(command)) {
    words.push_back(Described("--" + flag.name, flag.description));
  }
  return fmt::format("{}", fmt::join(words, "\n        "));
}

std::string Zsh(const CLI::App& program) {
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : CommandsOf(program)) {
    commands.push_back(Described(command->get_name(), command->get_description()));
    cases += fmt::format("    {})\n      options=(\n        {})\n      ;;\n", command->get_name(),
                         ZshOptions(*command));
  }
  return fmt::format(R"(#compdef actium
_actium() {{
  local word command=''
  local -a commands options
  commands=(
    {})
  for word in ${{words[2,CURRENT-1]}}; do
    case $word in
    {}) command=$word; break ;;
    esac
  done
  case $command in
{}    *)
      options=(
        {})
      [[ ${{words[CURRENT]}} == -* ]] || {{ _describe command commands; return }}
      ;;
  esac
  if [[ ${{words[CURRENT]}} == -* ]]; then
    _describe -o option options
  else
    _files
  fi
}}
compdef _actium actium
)",
                     fmt::join(commands, "\n    "), Names(program, "|"), cases,
                     ZshOptions(program));
}

std::string FishOptions(const CLI::App& command, const std::string& condition) {
  std::string text;
  for (const Flag& flag : FlagsOf(command)) {
    text += fmt::format("complete -c actium -n {} -l {}{} -d {}\n", FishQuoted(condition),
                        flag.name, flag.takes_value ? " -r" : "", FishQuoted(flag.description));
  }
  return text;
}

std::string Fish(const CLI::App& program) {
  std::string text = FishOptions(program, "__fish_use_subcommand");
  for (const CLI::App* command : CommandsOf(program)) {
    text += fmt::format("complete -c actium -f -n __fish_use_subcommand -a {} -d {}\n",
                        command->get_name(), FishQuoted(command->get_description()));
    text += FishOptions(*command, "__fish_seen_subcommand_from " + command->get_name());
  }
  return text;
}

absl::Status Run(const Session& session, const CLI::App& program, Shell shell) {
  const std::string script = shell == Shell::kBash  ? Bash(program)
                             : shell == Shell::kZsh ? Zsh(program)
                                                    : Fish(program);
  if (session.json) {
    PrintJson({{"script", script}});
  } else {
    fmt::print("{}", script);
  }
  return absl::OkStatus();
}

}  // namespace

void AddCompletion(CLI::App& program, Session& session, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "completion", "Prints a script that has a shell complete commands and options.");
  auto shell = std::make_shared<Shell>(Shell::kBash);
  const std::map<std::string, Shell> shells = {
      {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->transform(CLI::CheckedTransformer(shells).description(""));
  AddSharedOptions(*command, session, /*server=*/false);
  command->footer("Example: source <(actium completion bash)");
  command->callback([shell, &program, &chosen] {
    chosen = [shell, &program](Session& shared) { return Run(shared, program, *shell); };
  });
}

}  // namespace actium::cli
