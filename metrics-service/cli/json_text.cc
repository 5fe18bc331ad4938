#include "metrics-service/cli/json_text.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "metrics-service/cli/control.h"

namespace vdm::cli {
namespace {

namespace pb = google::protobuf;

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lowered;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.6g", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

/// Upper-case with underscores, as enum values are prefixed: "EventKind" is "EVENT_KIND_".
std::string prefix_of(std::string_view enum_name) {
  std::string prefix;
  for (const char c : enum_name) {
    if (!prefix.empty() && std::isupper(static_cast<unsigned char>(c)) != 0) prefix.push_back('_');
    prefix.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return prefix + "_";
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void message(const pb::Message& message) {
    const pb::Descriptor& type = *message.GetDescriptor();
    const pb::Reflection& reflection = *message.GetReflection();
    out_.push_back('{');
    bool first = true;
    for (int at = 0; at < type.field_count(); ++at) {
      const pb::FieldDescriptor& field = *type.field(at);
      const bool shown =
          field.is_repeated() || !field.has_presence() || reflection.HasField(message, &field);
      if (!shown) continue;
      if (!first) out_.push_back(',');
      first = false;
      out_.append(json_string(field.name())).push_back(':');
      member(message, field);
    }
    out_.push_back('}');
  }

 private:
  void member(const pb::Message& message, const pb::FieldDescriptor& field) {
    if (!field.is_repeated()) return value(message, field, -1);
    out_.push_back('[');
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int at = 0; at < size; ++at) {
      if (at > 0) out_.push_back(',');
      value(message, field, at);
    }
    out_.push_back(']');
  }

  /// One value; `at` is its place in a repeated field, or -1.
  void value(const pb::Message& in, const pb::FieldDescriptor& field, int at) {
    const pb::Reflection& get = *in.GetReflection();
    const pb::FieldDescriptor* f = &field;
    using Type = pb::FieldDescriptor;
    switch (field.cpp_type()) {
      case Type::CPPTYPE_INT32:
        return put(std::to_string(at < 0 ? get.GetInt32(in, f) : get.GetRepeatedInt32(in, f, at)));
      case Type::CPPTYPE_INT64:
        return put(std::to_string(at < 0 ? get.GetInt64(in, f) : get.GetRepeatedInt64(in, f, at)));
      case Type::CPPTYPE_UINT32:
        return put(
            std::to_string(at < 0 ? get.GetUInt32(in, f) : get.GetRepeatedUInt32(in, f, at)));
      case Type::CPPTYPE_UINT64:
        return put(
            std::to_string(at < 0 ? get.GetUInt64(in, f) : get.GetRepeatedUInt64(in, f, at)));
      case Type::CPPTYPE_DOUBLE:
        return put(number(at < 0 ? get.GetDouble(in, f) : get.GetRepeatedDouble(in, f, at)));
      case Type::CPPTYPE_FLOAT:
        return put(number(at < 0 ? get.GetFloat(in, f) : get.GetRepeatedFloat(in, f, at)));
      case Type::CPPTYPE_BOOL:
        return put((at < 0 ? get.GetBool(in, f) : get.GetRepeatedBool(in, f, at)) ? "true"
                                                                                  : "false");
      case Type::CPPTYPE_ENUM: {
        const auto* named = at < 0 ? get.GetEnum(in, f) : get.GetRepeatedEnum(in, f, at);
        return put(json_string(short_name(named->type()->name(), named->name())));
      }
      case Type::CPPTYPE_STRING:
        return put(json_string(at < 0 ? get.GetString(in, f) : get.GetRepeatedString(in, f, at)));
      case Type::CPPTYPE_MESSAGE:
        return message(at < 0 ? get.GetMessage(in, f) : get.GetRepeatedMessage(in, f, at));
    }
  }

  void put(std::string_view text) { out_.append(text); }

  std::string out_;
};

}  // namespace

std::string json_text(const pb::Message& message) {
  Writer writer;
  writer.message(message);
  return writer.take();
}

std::string short_name(std::string_view enum_name, std::string_view value_name) {
  const std::string prefix = prefix_of(enum_name);
  if (value_name.starts_with(prefix)) value_name.remove_prefix(prefix.size());
  return lower(value_name);
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Control control = control_at(text, at);
    if (text[at] == '"' || text[at] == '\\') {
      out.push_back('\\');
      out.push_back(text[at]);
    } else if (control.bytes > 0) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", control.code & 0xffffu);
      out.append(escaped.data());
      at += control.bytes - 1;
    } else {
      out.push_back(text[at]);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace vdm::cli
