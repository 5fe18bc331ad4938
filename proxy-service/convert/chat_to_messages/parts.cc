#include "proxy-service/convert/chat_to_messages/parts.h"

#include <optional>
#include <string>

#include "common/base/utf8.h"
#include "proxy-service/convert/content/base64.h"
#include "proxy-service/convert/content/cache_mark.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

struct DataUri {
  std::string_view media_type;
  std::string_view base64;
};

/// Parses data:image/png;base64,…
std::optional<DataUri> parse_data_uri(std::string_view uri) {
  constexpr std::string_view Scheme = "data:";
  constexpr std::string_view Encoding = ";base64";
  const auto comma = uri.find(',');
  if (!uri.starts_with(Scheme) || comma == std::string_view::npos) return std::nullopt;
  std::string_view head = uri.substr(Scheme.size(), comma - Scheme.size());
  if (!head.ends_with(Encoding)) return std::nullopt;
  head.remove_suffix(Encoding.size());
  return DataUri{head.substr(0, head.find(';')), uri.substr(comma + 1)};
}

json::object base64_source(const DataUri& data) {
  json::object source;
  source.emplace("type", "base64");
  source.emplace("media_type", data.media_type);
  source.emplace("data", data.base64);
  return source;
}

/// Appends `block`, with the part's cache mark: some clients set it on OpenAI parts for Anthropic.
void append_block(const json::object& part, const ModelFacts& facts, json::object block,
                  json::array& blocks) {
  copy_cache_mark(part, facts, block);
  blocks.emplace_back(std::move(block));
}

Result<void> append_image_block(const json::object& part, const FieldPath& path,
                                const ModelFacts& facts, json::array& blocks) {
  const FieldPath image_path = path.member("image_url");
  const FieldPath url_path = image_path.member("url");
  const json::object* image = find_object(part, "image_url");
  // The specification has no bare string here, but several clients send one.
  const std::string_view url =
      image == nullptr ? find_text(part, "image_url") : find_text(*image, "url");
  json::object source;
  if (const auto data = parse_data_uri(url)) {
    source = base64_source(*data);
  } else if (url.starts_with("http://") || url.starts_with("https://")) {
    source.emplace("type", "url");
    source.emplace("url", url);
  } else {
    return url_path.error("expected an http URL or a base64 data URI");
  }
  json::object block;
  block.emplace("type", "image");
  block.emplace("source", std::move(source));
  append_block(part, facts, std::move(block), blocks);
  return {};
}

Result<json::object> document_source(const DataUri& data, const FieldPath& path) {
  if (data.media_type == "application/pdf") return base64_source(data);
  if (!data.media_type.starts_with("text/")) {
    return path.error("expected a PDF or a text, found another media type");
  }
  auto text = base64_decoded(data.base64);
  if (!text || !is_utf8(*text)) return path.error("expected Base64 of a text in UTF-8");
  json::object source;
  source.emplace("type", "text");
  source.emplace("media_type", "text/plain");
  source.emplace("data", *text);
  return source;
}

Result<void> append_file(const json::object& part, const FieldPath& path, const ModelFacts& facts,
                         json::array& blocks) {
  const FieldPath file_path = path.member("file");
  const FieldPath data_path = file_path.member("file_data");
  const json::object* file = find_object(part, "file");
  if (file == nullptr) return file_path.error("expected an object");
  if (find(*file, "file_id") != nullptr) {
    return file_path.member("file_id").error(
        "expected the file itself: the target cannot see files of this provider");
  }
  const auto data = parse_data_uri(find_text(*file, "file_data"));
  if (!data) return data_path.error("expected a base64 data URI");
  auto source = document_source(*data, data_path);
  if (!source) return source.error();
  json::object block;
  block.emplace("type", "document");
  block.emplace("source", std::move(*source));
  copy_member(*file, "filename", block, "title");
  append_block(part, facts, std::move(block), blocks);
  return {};
}

Result<void> append_part(const json::object& part, const FieldPath& path, const ModelFacts& facts,
                         json::array& blocks) {
  const std::string_view type = find_text(part, "type");
  if (type == "text" || type == "refusal") {
    const json::string* text = find_string(part, type);
    if (text == nullptr) return path.member(type).error("expected a string");
    if (!text->empty()) append_block(part, facts, text_block(*text), blocks);
    return {};
  }
  if (type == "image_url") return append_image_block(part, path, facts, blocks);
  if (type == "file") return append_file(part, path, facts, blocks);
  return path.member("type").error(
      std::string("expected text, image_url, file or refusal, found ").append(shown(type)));
}

}  // namespace

json::object text_block(std::string_view text) {
  json::object block;
  block.emplace("type", "text");
  block.emplace("text", text);
  return block;
}

Result<void> append_blocks(const json::value& content, const FieldPath& path,
                           const ModelFacts& facts, json::array& blocks) {
  if (content.is_null()) return {};
  if (const json::string* text = content.if_string()) {
    if (!text->empty()) blocks.emplace_back(text_block(*text));
    return {};
  }
  const json::array* parts = content.if_array();
  if (parts == nullptr) return path.error("expected a string or an array");
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const json::object* part = (*parts)[i].if_object();
    if (part == nullptr) return path.element(i).error("expected an object");
    if (const auto added = append_part(*part, path.element(i), facts, blocks); !added) return added;
  }
  return {};
}

}  // namespace vdm::proxy
