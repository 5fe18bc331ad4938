#include "proxy-service/catalog/model_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <absl/time/time.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/digest.h"
#include "common/base/log.h"

namespace vdm::proxy {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr int SchemaVersion = 1;
constexpr std::size_t HeadingBytesMax = 4096;

std::string heading(const ModelStore::Owner& owner, SystemTime at) {
  return json::serialize(json::object{
      {"schema_version", SchemaVersion},
      {"provider", owner.name},
      {"base_url", owner.address},
      {"last_updated",
       absl::FormatTime(absl::RFC3339_full, absl::FromChrono(at), absl::UTCTimeZone())}});
}

/// When the list was fetched; nothing when the line is malformed or names another address.
std::optional<SystemTime> read_heading(std::string_view line, const ModelStore::Owner& owner) {
  boost::system::error_code malformed;
  const json::value parsed = json::parse(json::string_view(line.data(), line.size()), malformed);
  if (malformed || !parsed.is_object()) return std::nullopt;
  const auto text = [&parsed](json::string_view name) {
    const json::value* value = parsed.get_object().if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  };
  if (text("provider") != owner.name || text("base_url") != owner.address) {
    return std::nullopt;
  }
  absl::Time at;
  if (!absl::ParseTime(absl::RFC3339_full, text("last_updated"), &at, nullptr)) return std::nullopt;
  return absl::ToChronoTime(at);
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool write_file(const std::string& path, std::string_view first, std::string_view rest) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << first << '\n' << rest;
  file.close();
  return !file.fail();
}

}  // namespace

ModelStore::ModelStore(std::string data_dir)
    : directory_(data_dir.empty() ? "" : std::move(data_dir) + "/models") {}

ModelStore::Owner ModelStore::owner(const Provider& provider) {
  return {provider.name, url_text(provider.doors.front().base_url)};
}

std::string ModelStore::path_of(const Owner& owner) const {
  const std::string name = is_plain(owner.name) ? owner.name : hex_prefix(sha256(owner.name), 32);
  return directory_ + "/" + name + ".json";
}

SharedModels ModelStore::read(const Owner& owner) const {
  if (directory_.empty()) return nullptr;
  std::ifstream file(path_of(owner), std::ios::binary | std::ios::ate);
  const std::streamoff size = file.is_open() ? std::streamoff(file.tellg()) : -1;
  if (size <= 0 || size > static_cast<std::streamoff>(BytesMax + HeadingBytesMax)) {
    return nullptr;
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  file.read(text.data(), size);
  const std::size_t line_end = text.substr(0, HeadingBytesMax).find('\n');
  if (!file || line_end == std::string::npos) return nullptr;
  const auto at = read_heading(std::string_view(text).substr(0, line_end), owner);
  if (!at) return nullptr;
  text.erase(0, line_end + 1);
  return std::make_shared<const ModelCopy>(ModelCopy{std::move(text), *at});
}

void ModelStore::write(const Owner& owner, const ModelCopy& copy) {
  if (directory_.empty() || copy.body.size() > BytesMax) return;
  const std::string path = path_of(owner);
  const std::string beside = path + "." + random_hex(4);
  std::error_code fault;
  fs::create_directories(directory_, fault);
  fs::permissions(directory_, fs::perms::owner_all, fault);
  if (write_file(beside, heading(owner, copy.at), copy.body)) {
    fs::rename(beside, path, fault);
    if (!fault) return;
  }
  std::error_code ignored;
  fs::remove(beside, ignored);
  if (std::exchange(complained_, true)) return;
  log::warning("a provider's list of models is not kept",
               {{"provider", owner.name}, {"path", path}, {"fault", fault.message()}});
}

}  // namespace vdm::proxy
