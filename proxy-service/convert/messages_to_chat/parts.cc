#include "proxy-service/convert/messages_to_chat/parts.h"

#include "proxy-service/convert/content/cache_mark.h"
#include "proxy-service/convert/content/thought_signature.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

json::string data_uri(std::string_view media_type, std::string_view base64) {
  json::string uri;
  uri.reserve(media_type.size() + base64.size() + 13);
  return uri.append("data:").append(media_type).append(";base64,").append(base64);
}

Error no_counterpart(const FieldPath& path, std::string_view type) {
  return path.error(
      std::string("expected a kind that the target's dialect has, found ").append(shown(type)));
}

Result<void> append_image_part(const json::object& block, const FieldPath& path,
                               json::array& parts) {
  const FieldPath source_path = path.member("source");
  const json::object* source = find_object(block, "source");
  if (source == nullptr) return source_path.error("expected an object");
  const std::string_view type = find_text(*source, "type");
  json::string url;
  if (type == "base64") {
    const json::string* data = find_string(*source, "data");
    if (data == nullptr) return source_path.member("data").error("expected a string");
    url = data_uri(find_text(*source, "media_type"), *data);
  } else if (type == "url") {
    url = find_text(*source, "url");
  } else {
    return no_counterpart(source_path.member("type"), type);
  }
  json::object part;
  part.emplace("type", "image_url");
  json::object image;
  image.emplace("url", std::move(url));
  part.emplace("image_url", std::move(image));
  parts.emplace_back(std::move(part));
  return {};
}

void append_line(std::string_view line, json::string& text) {
  if (!text.empty()) text.append("\n");
  text.append(line);
}

/// The title, source and context of a document or search result, a line each, to put before its
/// text.
json::string heading(const json::object& block) {
  json::string text;
  for (const std::string_view name : {"title", "source", "context"}) {
    if (const auto line = find_text(block, name); !line.empty()) append_line(line, text);
  }
  return text;
}

/// Appends the blocks inside a document, a search result or a tool's result.
Result<void> append_nested(const json::array& blocks, const FieldPath& path,
                           const RequestOptions& options, json::array& parts) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const json::object* block = blocks[i].if_object();
    if (block == nullptr) return path.element(i).error("expected an object");
    if (const auto added = append_parts(*block, path.element(i), options, parts); !added) {
      return added;
    }
  }
  return {};
}

Result<void> append_pdf(const json::object& block, const json::object& source,
                        const FieldPath& path, const RequestOptions& options, json::array& parts) {
  if (!options.facts.has(Trait::TakesFileParts))
    return path.error("expected no document: the target takes none");
  const json::string* data = find_string(source, "data");
  if (data == nullptr) return path.member("data").error("expected a string");
  const std::string_view title = find_text(block, "title");
  json::object file;
  file.emplace("filename", title.empty() ? std::string_view("document.pdf") : title);
  file.emplace("file_data", data_uri(find_text(source, "media_type"), *data));
  if (const std::string_view context = find_text(block, "context"); !context.empty()) {
    parts.emplace_back(text_part(context));
  }
  json::object part;
  part.emplace("type", "file");
  part.emplace("file", std::move(file));
  parts.emplace_back(std::move(part));
  return {};
}

Result<void> append_document(const json::object& block, const FieldPath& path,
                             const RequestOptions& options, json::array& parts) {
  const FieldPath source_path = path.member("source");
  const json::object* source = find_object(block, "source");
  if (source == nullptr) return source_path.error("expected an object");
  const std::string_view type = find_text(*source, "type");
  if (type == "base64") return append_pdf(block, *source, source_path, options, parts);
  if (type != "text" && type != "content") {
    return no_counterpart(source_path.member("type"), type);
  }
  json::string text = heading(block);
  if (type == "text") {
    append_line(find_text(*source, "data"), text);
    parts.emplace_back(text_part(text));
    return {};
  }
  if (!text.empty()) parts.emplace_back(text_part(text));
  const FieldPath content_path = source_path.member("content");
  if (const json::string* content = find_string(*source, "content")) {
    parts.emplace_back(text_part(*content));
    return {};
  }
  const json::array* content = find_array(*source, "content");
  if (content == nullptr) return content_path.error("expected a string or an array");
  return append_nested(*content, content_path, options, parts);
}

Result<void> append_search_result(const json::object& block, const FieldPath& path,
                                  const RequestOptions& options, json::array& parts) {
  json::string text = heading(block);
  if (!text.empty()) parts.emplace_back(text_part(text));
  const json::array* content = find_array(block, "content");
  if (content == nullptr) return {};
  const FieldPath content_path = path.member("content");
  return append_nested(*content, content_path, options, parts);
}

/// Splits parts into text, for the tool message, and all others, which only a user's message can
/// hold.
void divide(json::array& parts, ToolOutput& output) {
  for (json::value& part : parts) {
    json::object& object = part.get_object();
    if (const json::string* text = find_string(object, "text")) {
      append_line(*text, output.text);
    } else {
      output.attached.emplace_back(std::move(part));
    }
  }
}

/// As append_parts, without the block's cache mark.
Result<void> append_unmarked(const json::object& block, const FieldPath& path,
                             const RequestOptions& options, json::array& parts) {
  const std::string_view type = find_text(block, "type");
  if (type == "text") {
    const json::string* text = find_string(block, "text");
    if (text == nullptr) return path.member("text").error("expected a string");
    parts.emplace_back(text_part(*text));
    return {};
  }
  if (type == "image") return append_image_part(block, path, parts);
  if (type == "document") return append_document(block, path, options, parts);
  if (type == "search_result") return append_search_result(block, path, options, parts);
  if (type == "tool_reference") {
    json::string text("Tool loaded: ");
    parts.emplace_back(text_part(text.append(find_text(block, "tool_name"))));
    return {};
  }
  return no_counterpart(path.member("type"), type);
}

}  // namespace

json::object text_part(std::string_view text) {
  json::object part;
  part.emplace("type", "text");
  part.emplace("text", text);
  return part;
}

Result<void> append_parts(const json::object& block, const FieldPath& path,
                          const RequestOptions& options, json::array& parts) {
  const std::size_t before = parts.size();
  const auto added = append_unmarked(block, path, options, parts);
  // What is to be cached ends with the block, so with its last part.
  if (added && parts.size() > before) {
    copy_cache_mark(block, options.facts, parts.back().get_object());
  }
  return added;
}

Result<ToolOutput> tool_output(const json::object& tool_result, const FieldPath& path,
                               const RequestOptions& options) {
  ToolOutput output;
  if (find_true(tool_result, "is_error")) output.text = "Error:";
  const json::value* content = find(tool_result, "content");
  if (content == nullptr) return output;
  const FieldPath content_path = path.member("content");
  if (const json::string* text = content->if_string()) {
    append_line(*text, output.text);
    return output;
  }
  const json::array* blocks = content->if_array();
  if (blocks == nullptr) return content_path.error("expected a string or an array");
  json::array parts;
  if (const auto added = append_nested(*blocks, content_path, options, parts); !added) {
    return added.error();
  }
  divide(parts, output);
  if (output.attached.empty()) return output;
  // A tool message can hold only text, so these lines tell the model which call the attachment
  // belongs to.
  append_line("(attached to the next message)", output.text);
  json::string label("Attached to the result of tool call ");
  label.append(id_without_signature(find_text(tool_result, "tool_use_id"))).append(":");
  output.attached.insert(output.attached.begin(), text_part(label));
  return output;
}

}  // namespace vdm::proxy
