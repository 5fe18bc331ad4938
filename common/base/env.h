#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm {

/// The environment as a value: tests construct it from a map, main() from the process's own
/// variables. Nothing else reads the environment. An empty value counts as unset.
class Env {
 public:
  Env() = default;
  explicit Env(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  /// A copy of the process's environment at the time of the call.
  static Env of_process();

  std::optional<std::string> get(std::string_view name) const;
  /// All variables, sorted by name, without those whose value is empty.
  const std::map<std::string, std::string>& all() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
};

/// The error that refuses a setting: "PORT: expected 1..65535, got '80x'".
Error expected(std::string_view key, std::string_view what, std::string_view got);

/// Each parser below reads a setting's text; its error names the key and the value found.
Result<std::uint16_t> parse_port(std::string_view key, std::string_view text);
Result<std::uint64_t> parse_count(std::string_view key, std::string_view text, std::uint64_t min,
                                  std::uint64_t max);
/// true/1/yes/on and false/0/no/off, in any case.
Result<bool> parse_bool(std::string_view key, std::string_view text);

/// Whether `text` is all visible ASCII characters, without blanks.
bool is_visible(std::string_view text);
/// Takes a text that is_visible(); the error does not quote the value.
Result<Secret> parse_secret(std::string_view key, std::string_view text);

}  // namespace vdm
