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

/// The environment as a value: tests hand in a map, main() hands in a copy of
/// the process's. Nothing else reads the environment. An empty value counts as unset.
class Env {
 public:
  Env() = default;
  explicit Env(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

  /// The process's environment at the time of the call.
  static Env of_process();

  std::optional<std::string> get(std::string_view name) const;
  /// All of them, sorted by name; empty values are left out.
  const std::map<std::string, std::string>& all() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
};

/// What a setting is refused with: "PORT: expected 1..65535, got '80x'".
Error expected(std::string_view key, std::string_view what, std::string_view got);

/// Each names the key and the value found when it refuses.
Result<std::uint16_t> parse_port(std::string_view key, std::string_view text);
Result<std::uint64_t> parse_count(std::string_view key, std::string_view text, std::uint64_t min,
                                  std::uint64_t max);
/// true/1/yes/on and false/0/no/off, in any case.
Result<bool> parse_bool(std::string_view key, std::string_view text);

struct HostPort {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;
};
/// The two as parse_host_port() reads them: brackets around a host with colons.
std::string authority(const HostPort& at);
/// "127.0.0.1:50051", "[::1]:50051", "metrics:50051".
Result<HostPort> parse_host_port(std::string_view key, std::string_view text);

/// localhost, 127.0.0.0/8, ::1.
bool is_loopback_host(std::string_view host);

/// ASCII without blanks.
bool is_visible(std::string_view text);
/// Visible, too. Its value is never repeated.
Result<Secret> parse_secret(std::string_view key, std::string_view text);

}  // namespace vdm
