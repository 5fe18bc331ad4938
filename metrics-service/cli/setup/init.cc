#include "metrics-service/cli/setup/init.h"

#include <optional>
#include <system_error>
#include <variant>

#include "common/base/private_file.h"
#include "metrics-service/cli/launch/child.h"
#include "metrics-service/cli/setup/config_text.h"
#include "metrics-service/cli/terminal/command_result.h"
#include "metrics-service/cli/terminal/table.h"

namespace vdm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t ProvidersMax = 100;
const CommandResult GaveUp{Interrupted, "vdm: nothing was written\n"};

/// The value that "NAME=VALUE" of `pairs` gives this name.
std::string value_for(const std::vector<std::string>& pairs, const std::string& name) {
  for (const std::string& pair : pairs) {
    if (pair.starts_with(name + "=")) return pair.substr(name.size() + 1);
  }
  return {};
}

using Asked = std::variant<std::vector<NewProvider>, CommandResult>;

Asked ask_keys(const InitOptions& options, Questions& questions) {
  std::vector<NewProvider> providers;
  for (const std::string& name : options.providers) {
    const auto key = questions.ask_unseen("API key of " + printable(name) +
                                          " (not shown; empty: it stays in the environment): ");
    if (!key && questions.at_terminal()) return GaveUp;
    if (!key)
      return CommandResult{WrongUsage, "vdm: expected a line with the key of each provider\n"};
    providers.push_back({.name = name,
                         .key = Secret(*key),
                         .base_url = value_for(options.base_urls, name),
                         .api_format = value_for(options.api_formats, name)});
  }
  return providers;
}

Asked ask_everything(Questions& questions, std::ostream& err) {
  err << "Which providers may be asked? A name such as anthropic, openai or openrouter;\n"
         "an empty one ends the list.\n";
  std::vector<NewProvider> providers;
  while (providers.size() < ProvidersMax) {
    const bool first = providers.empty();
    const auto name = questions.ask(first ? "Provider [anthropic]: " : "Another provider: ");
    if (!name) return GaveUp;
    if (name->empty() && !first) break;
    NewProvider provider{.name = name->empty() ? "anthropic" : *name};
    const auto key = questions.ask_unseen("  Its API key (not shown): ");
    if (!key) return GaveUp;
    const auto url = questions.ask("  Its address (empty: the well-known one): ");
    if (!url) return GaveUp;
    provider.key = Secret(*key);
    provider.base_url = *url;
    if (!url->empty()) {
      const auto format = questions.ask("  Its dialect, openai or anthropic [openai]: ");
      if (!format) return GaveUp;
      provider.api_format = format->empty() ? "openai" : *format;
    }
    providers.push_back(std::move(provider));
  }
  return providers;
}

Asked ask_providers(const InitOptions& options, Questions& questions, std::ostream& err) {
  if (!options.providers.empty()) return ask_keys(options, questions);
  if (questions.at_terminal()) return ask_everything(questions, err);
  return CommandResult{
      WrongUsage,
      "vdm: init asks questions, and needs a terminal; or name each --provider, and pipe "
      "their keys in, one a line\n"};
}

/// The proxy's errors about the file, which they name by its final path; empty without errors.
std::string objections(const ServiceCalls& calls, const fs::path& written, const fs::path& file) {
  ServiceCalls with_it = calls;
  with_it.config_file = written;
  const auto command = with_it.command("vdm-proxy", "--check-config");
  if (!command) return "vdm: " + command.error().message + "\n";
  const auto output = run_program(*command, calls.folder);
  if (!output) return "vdm: " + output.error().message + "\n";
  if (output->status == 0) return {};
  std::string text = output->err.empty() ? "vdm: vdm-proxy refuses it\n" : output->err;
  for (std::size_t at = 0; (at = text.find(written.string(), at)) != text.npos;) {
    text.replace(at, written.string().size(), file.string());
    at += file.string().size();
  }
  return text;
}

}  // namespace

int init(const InitOptions& options, const ServiceCalls& calls, const fs::path& file,
         Questions& questions, std::ostream& out, std::ostream& err) {
  std::error_code ignored;
  auto existing = options.yes ? PrivateFile::Existing::Replace : PrivateFile::Existing::Keep;
  if (fs::exists(fs::symlink_status(file, ignored)) && !options.yes) {
    const std::string there = "vdm: " + printable(file.string()) + " is there already";
    if (!questions.at_terminal()) {
      err << there << "; --yes replaces it\n";
      return Failed;
    }
    const auto answer = questions.ask(there + ". Replace it? [y/N] ");
    if (!answer || (*answer != "y" && *answer != "Y" && *answer != "yes")) {
      err << GaveUp.text;
      return answer ? int{Failed} : GaveUp.code;
    }
    existing = PrivateFile::Existing::Replace;
  }
  const Asked asked = ask_providers(options, questions, err);
  if (const auto* result = std::get_if<CommandResult>(&asked)) {
    err << result->text;
    return result->code;
  }
  auto written = PrivateFile::write(file, config_text(std::get<0>(asked)));
  if (!written) {
    err << "vdm: " << printable(written.error().message) << "\n";
    return Failed;
  }
  if (const std::string errors = objections(calls, written->path(), file); !errors.empty()) {
    for (const std::string& line : lines_of(errors)) err << printable(line) << "\n";
    err << GaveUp.text;
    return WrongUsage;
  }
  if (const auto put = written->put(existing); !put) {
    err << "vdm: " << printable(put.error().message) << "\n";
    return Failed;
  }
  out << "wrote " << printable(file.string()) << "; now try `vdm claude`, or `vdm test PROVIDER`\n";
  return Done;
}

}  // namespace vdm::cli
