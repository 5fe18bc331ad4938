#include "proxy-service/providers/facts_reader.h"

#include <utility>

#include <boost/json.hpp>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "proxy-service/providers/facts_row_reader.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

std::optional<DoorDialect> door_dialect(std::string_view word) {
  if (word == "messages") return DoorDialect::Messages;
  if (word == "chat") return DoorDialect::Chat;
  if (word == "responses") return DoorDialect::Responses;
  return std::nullopt;
}

class DocumentReader {
 public:
  DocumentReader(std::string file, FactsDocuments& out, std::vector<std::string>& faults)
      : path_(std::move(file)), out_(out), faults_(faults) {}

  void read(const json::value& value) {
    const json::object* document = value.if_object();
    if (document == nullptr) return fault("", "an object of a provider or of a dialect", value);
    if (document->contains("dialect")) return read_dialect(*document);
    const json::value* name = document->if_contains("provider");
    if (name == nullptr || !name->is_string() || name->get_string().empty()) {
      return fault("", "a member \"provider\" or \"dialect\" with a name", value);
    }
    provider_.name = lower(name->get_string());
    path_ += ": " + provider_.name;
    for (const auto& [key, member] : *document) read_member(key, member);
    out_.providers.push_back(std::move(provider_));
  }

 private:
  void fault(std::string_view at, std::string_view expected, const json::value& got) {
    faults_.push_back(facts_fault(path_ + std::string(at), expected, got));
  }

  void read_dialect(const json::object& document) {
    const json::value& word = document.at("dialect");
    const auto dialect = word.is_string() ? door_dialect(word.get_string()) : std::nullopt;
    if (!dialect) return fault(": dialect", "messages, chat or responses", word);
    for (const auto& [key, member] : document) {
      if (key == "dialect" || key == "source") continue;
      if (key == "home" && member.is_string()) {
        out_.homes[static_cast<std::size_t>(*dialect)] = lower(member.get_string());
        continue;
      }
      if (key != "defaults") {
        faults_.push_back(path_ + ": " + std::string(key) + ": no such member");
        continue;
      }
      out_.dialects[static_cast<std::size_t>(*dialect)] =
          read_facts_row(member, path_ + ": defaults", faults_);
    }
  }

  void read_member(std::string_view key, const json::value& value) {
    const std::string at = "." + std::string(key);
    if (key == "provider") return;
    if (key == "source") {
      read_text(at, value, provider_.source);
    } else if (key == "keys_begin") {
      read_text(at, value, provider_.keys_begin);
    } else if (key == "subscriptions_begin") {
      read_text(at, value, provider_.subscriptions_begin);
    } else if (key == "maker") {
      if (!value.is_bool()) return fault(at, "true or false", value);
      provider_.is_maker = value.get_bool();
    } else if (key == "vendor_names") {
      read_names(at, value, provider_.vendor_names);
    } else if (key == "litellm_names") {
      read_names(at, value, provider_.litellm_names);
    } else if (key == "models_of") {
      read_names(at, value, provider_.models_of);
    } else if (key == "doors") {
      read_doors(value);
    } else if (key == "tiers") {
      read_tiers(value);
    } else if (key == "defaults") {
      provider_.defaults = read_facts_row(value, path_ + at, faults_);
    } else if (key == "models") {
      read_models(value);
    } else {
      faults_.push_back(path_ + at + ": no such member");
    }
  }

  void read_text(const std::string& at, const json::value& value, std::string& to) {
    if (!value.is_string()) return fault(at, "a text", value);
    to = value.get_string();
  }

  void read_names(const std::string& at, const json::value& value, std::vector<std::string>& to) {
    const json::array* names = value.if_array();
    if (names == nullptr) return fault(at, "a list of names", value);
    for (const json::value& name : *names) {
      if (!name.is_string()) return fault(at, "a name", name);
      to.push_back(lower(name.get_string()));
    }
  }

  void read_doors(const json::value& value) {
    const json::object* doors = value.if_object();
    if (doors == nullptr) return fault(".doors", "an object of addresses", value);
    for (const auto& [word, door] : *doors) {
      const std::string at = ".doors." + std::string(word);
      const auto dialect = door_dialect(word);
      if (!dialect) {
        faults_.push_back(path_ + at + ": expected messages, chat or responses");
      } else {
        read_door(at, *dialect, door);
      }
    }
  }

  /// An address, or an object of it and of the header in which the key goes.
  void read_door(const std::string& at, DoorDialect dialect, const json::value& value) {
    const json::object* terms = value.if_object();
    const json::value* url = terms == nullptr ? &value : terms->if_contains("base_url");
    if (url == nullptr || !url->is_string()) return fault(at, "a URL", value);
    KnownDoor door{dialect, std::string(url->get_string())};
    if (terms != nullptr) {
      for (const auto& [word, member] : *terms) {
        if (word == "base_url") continue;
        const std::string name = at + "." + std::string(word);
        if (word != "key_header") {
          faults_.push_back(path_ + name + ": expected base_url or key_header");
          continue;
        }
        if (member.is_string()) door.key_header = lower(member.get_string());
        const bool is_header = door.key_header == "authorization" ||
                               door.key_header == "x-api-key" || door.key_header == "api-key";
        if (!is_header) return fault(name, "authorization, x-api-key or api-key", member);
      }
    }
    provider_.doors.push_back(std::move(door));
  }

  void read_tiers(const json::value& value) {
    const json::object* tiers = value.if_object();
    if (tiers == nullptr) return fault(".tiers", "an object", value);
    ModelTiers read;
    for (const auto& [word, member] : *tiers) {
      const std::string at = ".tiers." + std::string(word);
      if (word == "by_whole_name") {
        if (!member.is_bool()) return fault(at, "true or false", member);
        read.by_whole_name = member.get_bool();
        continue;
      }
      std::string* to = nullptr;
      if (word == "haiku") to = &read.haiku;
      if (word == "sonnet") to = &read.sonnet;
      if (word == "opus") to = &read.opus;
      if (to == nullptr) {
        faults_.push_back(path_ + at + ": no such tier");
      } else if (!member.is_string()) {
        fault(at, "a model's name", member);
      } else {
        *to = member.get_string();
      }
    }
    provider_.tiers = std::move(read);
  }

  void read_models(const json::value& value) {
    const json::object* models = value.if_object();
    if (models == nullptr) return fault(".models", "an object of rows", value);
    if (models->size() > FactsRowsMax) {
      faults_.push_back(path_ + ".models: expected at most " + std::to_string(FactsRowsMax) +
                        " rows, got " + std::to_string(models->size()));
      return;
    }
    for (const auto& [name, row] : *models) {
      const std::size_t before = faults_.size();
      FactsRow read = read_facts_row(row, path_ + ".models." + std::string(name), faults_);
      if (faults_.size() == before) {
        provider_.models.insert_or_assign(lower(name), std::move(read));
      }
    }
  }

  std::string path_;
  FactsDocuments& out_;
  std::vector<std::string>& faults_;
  KnownProvider provider_;
};

void read_documents(std::string_view text, const std::string& name, FactsDocuments& out,
                    std::vector<std::string>& faults) {
  if (text.size() > FactsFileBytesMax) {
    faults.push_back(name + ": expected at most " + std::to_string(FactsFileBytesMax) +
                     " bytes, got " + std::to_string(text.size()));
    return;
  }
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error) {
    faults.push_back(name + ": expected JSON: " + error.message());
    return;
  }
  const json::array* documents = value.if_array();
  if (documents == nullptr) return DocumentReader(name, out, faults).read(value);
  for (const json::value& document : *documents) DocumentReader(name, out, faults).read(document);
}

}  // namespace

void read_facts(std::string_view text, const std::string& name, FactsDocuments& out,
                std::vector<std::string>& faults) {
  constexpr std::size_t FaultBytesMax = 512;
  std::vector<std::string> found;
  read_documents(text, name, out, found);
  for (const std::string& fault : found) faults.push_back(one_line(fault, FaultBytesMax));
}

}  // namespace vdm::proxy
