#include "proxy-service/routing/provider_doors.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

/// A door whose address is not read yet.
struct Unread {
  Dialect dialect;
  FoundSetting address;
};

class DoorReader {
 public:
  DoorReader(const DoorSettings& settings, const DoorTerms& terms)
      : settings_(settings), terms_(terms) {}

  ProviderDoors read() {
    std::vector<Unread> unread = known_doors();
    if (!unread.empty()) first_ = unread.front().dialect;
    read_format();
    read_base_url();
    if (!out_.faults.empty()) return std::move(out_);
    if (base_url_ || format_) unread = only_door(unread);
    add_own(unread);
    for (const Unread& each : unread) read_door(each);
    read_responses_url();
    return std::move(out_);
  }

 private:
  void fault(std::string text) { out_.faults.push_back(std::move(text)); }

  void read_format() {
    if (!settings_.api_format) return;
    const auto& [key, text] = *settings_.api_format;
    const std::string word = lower(text);
    if (word == "anthropic") {
      format_ = Dialect::Anthropic;
    } else if (word == "openai") {
      format_ = Dialect::OpenAi;
    } else {
      fault(key + ": expected openai or anthropic, got '" + text + "'");
    }
    first_ = format_.value_or(first_);
  }

  /// Nothing after a fault.
  std::optional<BaseUrl> read_url(const FoundSetting& setting, Dialect dialect) {
    auto url = parse_base_url(setting.key, setting.value, terms_.http);
    if (!url) {
      fault(url.error().message);
      return std::nullopt;
    }
    // Paths of the Anthropic dialect begin with /v1 themselves, so drop it from the base URL's end.
    std::string& path = url->path_prefix;
    if (dialect == Dialect::Anthropic && path.ends_with("/v1")) path.resize(path.size() - 3);
    return std::move(*url);
  }

  void read_base_url() {
    if (!settings_.base_url) return;
    base_url_ = read_url(*settings_.base_url, first_);
    if (!base_url_ || !leads_back(*base_url_)) return;
    base_url_.reset();
    const std::string said = settings_.base_url->key + ": leads back to this proxy";
    if (known_doors().empty()) return fault(said);
    // A shell has this setting for Claude Code, too, which is to call the proxy by it.
    out_.notices.push_back(said + ", so " + std::string(terms_.provider) +
                           " is called at its own address");
  }

  bool leads_back(const BaseUrl& url) const {
    const HostPort& own = terms_.own;
    const bool reaches_loopback = is_wildcard_host(own.host) || is_loopback_host(own.host);
    return url.scheme == Scheme::Http && url.port == own.port &&
           (url.host == own.host || (reaches_loopback && is_loopback_host(url.host)));
  }

  std::vector<Unread> known_doors() const {
    std::vector<Unread> doors;
    if (terms_.known == nullptr) return doors;
    for (const KnownDoor& door : terms_.known->doors) {
      if (door.dialect == DoorDialect::Responses) continue;
      doors.push_back({dialect_of(door.dialect), {std::string(terms_.provider), door.base_url}});
    }
    return doors;
  }

  static Dialect dialect_of(DoorDialect dialect) {
    return dialect == DoorDialect::Messages ? Dialect::Anthropic : Dialect::OpenAi;
  }

  /// The door that base-url and api-format mean. None: only settings of their own name doors.
  std::vector<Unread> only_door(const std::vector<Unread>& known) {
    if (base_url_) return {{first_, *settings_.base_url}};
    const auto same = std::ranges::find(known, first_, &Unread::dialect);
    if (same != known.end()) return {*same};
    if (known.empty() || setting_of(first_)) return {};
    return {{first_, known.front().address}};
  }

  const std::optional<FoundSetting>& setting_of(Dialect dialect) const {
    return dialect == Dialect::Anthropic ? settings_.messages_url : settings_.chat_url;
  }

  /// Adds the doors that have settings of their own, which replace known ones.
  void add_own(std::vector<Unread>& doors) {
    const Dialect second = first_ == Dialect::OpenAi ? Dialect::Anthropic : Dialect::OpenAi;
    for (const Dialect dialect : {first_, second}) {
      const auto& setting = setting_of(dialect);
      if (!setting) continue;
      const auto same = std::ranges::find(doors, dialect, &Unread::dialect);
      if (same == doors.end()) {
        doors.push_back({dialect, *setting});
      } else if (base_url_ && same->address.key == settings_.base_url->key) {
        check_same(*setting, dialect);
      } else {
        same->address = *setting;
      }
    }
  }

  void check_same(const FoundSetting& setting, Dialect dialect) {
    const auto url = read_url(setting, dialect);
    if (!url || *url == *base_url_) return;
    fault(setting.key + ": expected the address of " + settings_.base_url->key +
          ", which is the same door, got '" + setting.value.substr(0, 120) + "'");
  }

  void read_door(const Unread& unread) {
    auto url = read_url(unread.address, unread.dialect);
    if (!url) return;
    if (leads_back(*url)) return fault(unread.address.key + ": leads back to this proxy");
    out_.doors.push_back({unread.dialect, std::move(*url), key_header_of(unread.dialect)});
  }

  /// In which header the known provider wants its key at that door, wherever the door is.
  std::optional<KeyHeader> key_header_of(Dialect dialect) const {
    if (terms_.known == nullptr) return std::nullopt;
    for (const KnownDoor& door : terms_.known->doors) {
      if (door.dialect == DoorDialect::Responses || dialect_of(door.dialect) != dialect) continue;
      if (door.key_header == "authorization") return KeyHeader::Bearer;
      if (door.key_header == "x-api-key") return KeyHeader::XApiKey;
      if (door.key_header == "api-key") return KeyHeader::ApiKey;
    }
    return std::nullopt;
  }

  void read_responses_url() {
    if (!settings_.responses_url) return;
    out_.responses_url = read_url(*settings_.responses_url, Dialect::OpenAi);
    out_.notices.push_back(settings_.responses_url->key + ": is kept; no request uses it yet");
  }

  const DoorSettings& settings_;
  const DoorTerms& terms_;
  std::optional<Dialect> format_;
  std::optional<BaseUrl> base_url_;
  Dialect first_ = Dialect::OpenAi;  ///< whose door comes first among those with settings
  ProviderDoors out_;
};

}  // namespace

ProviderDoors provider_doors(const DoorSettings& settings, const DoorTerms& terms) {
  return DoorReader(settings, terms).read();
}

}  // namespace vdm::proxy
