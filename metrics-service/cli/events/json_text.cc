#include "metrics-service/cli/events/json_text.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "common/base/json_writer.h"
#include "common/base/text.h"
#include "metrics-service/cli/terminal/control.h"

namespace vdm::cli {
namespace {

namespace pb = google::protobuf;

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.6g", value);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

/// The prefix of the enum's values: upper case with underscores, "EVENT_KIND_" for "EventKind".
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
  std::string take() { return out_.take(); }

  void message(const pb::Message& message) {
    const pb::Descriptor& type = *message.GetDescriptor();
    const pb::Reflection& reflection = *message.GetReflection();
    out_.begin_object();
    for (int at = 0; at < type.field_count(); ++at) {
      const pb::FieldDescriptor& field = *type.field(at);
      const bool shown =
          field.is_repeated() || !field.has_presence() || reflection.HasField(message, &field);
      if (!shown) continue;
      out_.key(field.name());
      member(message, field);
    }
    out_.end_object();
  }

 private:
  void member(const pb::Message& message, const pb::FieldDescriptor& field) {
    if (!field.is_repeated()) return value(message, field, -1);
    out_.begin_array();
    const int size = message.GetReflection()->FieldSize(message, &field);
    for (int at = 0; at < size; ++at) value(message, field, at);
    out_.end_array();
  }

  /// Writes one value; `at` is its index in a repeated field, or -1.
  void value(const pb::Message& in, const pb::FieldDescriptor& field, int at) {
    const pb::Reflection& get = *in.GetReflection();
    const pb::FieldDescriptor* f = &field;
    using Type = pb::FieldDescriptor;
    switch (field.cpp_type()) {
      case Type::CPPTYPE_INT32:
        return put(at < 0 ? get.GetInt32(in, f) : get.GetRepeatedInt32(in, f, at));
      case Type::CPPTYPE_INT64:
        return put(at < 0 ? get.GetInt64(in, f) : get.GetRepeatedInt64(in, f, at));
      case Type::CPPTYPE_UINT32:
        return put(at < 0 ? get.GetUInt32(in, f) : get.GetRepeatedUInt32(in, f, at));
      case Type::CPPTYPE_UINT64:
        return put(at < 0 ? get.GetUInt64(in, f) : get.GetRepeatedUInt64(in, f, at));
      case Type::CPPTYPE_DOUBLE:
        return put(at < 0 ? get.GetDouble(in, f) : get.GetRepeatedDouble(in, f, at));
      case Type::CPPTYPE_FLOAT:
        return put(double{at < 0 ? get.GetFloat(in, f) : get.GetRepeatedFloat(in, f, at)});
      case Type::CPPTYPE_BOOL:
        return put(at < 0 ? get.GetBool(in, f) : get.GetRepeatedBool(in, f, at));
      case Type::CPPTYPE_ENUM: {
        const auto* named = at < 0 ? get.GetEnum(in, f) : get.GetRepeatedEnum(in, f, at);
        return put(short_name(named->type()->name(), named->name()));
      }
      case Type::CPPTYPE_STRING:
        return put(at < 0 ? get.GetString(in, f) : get.GetRepeatedString(in, f, at));
      case Type::CPPTYPE_MESSAGE:
        return message(at < 0 ? get.GetMessage(in, f) : get.GetRepeatedMessage(in, f, at));
    }
  }

  template <class Value>
  void put(const Value& value) {
    out_.value(value);
  }
  void put(double value) { out_.raw(number(value)); }

  JsonWriter out_;
};

}  // namespace

std::string json_text(const pb::Message& message) {
  Writer writer;
  writer.message(message);
  return harmless_json(writer.take());
}

std::string short_name(std::string_view enum_name, std::string_view value_name) {
  const std::string prefix = prefix_of(enum_name);
  if (value_name.starts_with(prefix)) value_name.remove_prefix(prefix.size());
  return lower(value_name);
}

}  // namespace vdm::cli
