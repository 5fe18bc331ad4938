#include "metrics-service/cli/setup/new_key.h"

#include "common/access/role.h"
#include "common/base/digest.h"
#include "common/base/env.h"
#include "common/base/text.h"
#include "common/settings/key_tables.h"

namespace vdm::cli {

Secret random_key() { return Secret("vdm_" + random_hex(32)); }

Result<std::string> new_key_text(const NewKey& wanted, const Secret& key) {
  if (!settings::is_key_name(wanted.name)) {
    return expected("NAME", "1 to 64 letters, digits, '.', '-', '_'", wanted.name);
  }
  if (!parse_role(wanted.role)) return expected("--role", RoleWords, wanted.role);
  if (!wanted.expires.empty() && !settings::parse_expiry(wanted.expires)) {
    return expected("--expires", "a day such as 2027-01-31, or a time in UTC", wanted.expires);
  }
  std::string text = "key, shown this once:\n  ";
  text.append(key.reveal())
      .append("\n\nfor vandamme.toml:\n[keys.")
      .append(contains(wanted.name, ".") ? "\"" + wanted.name + "\"" : wanted.name)
      .append("]\nsha256 = \"")
      .append(hex_prefix(sha256(key.reveal()), 64))
      .append("\"\nrole = \"")
      .append(wanted.role)
      .append("\"\n");
  if (!wanted.expires.empty()) text.append("expires = \"").append(wanted.expires).append("\"\n");
  return text;
}

}  // namespace vdm::cli
