#include "proxy-service/forward/named_model.h"

#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "proxy-service/body/json_text.h"

namespace vdm::proxy {
namespace {

Error invalid(std::string message) { return {ErrorKind::InvalidRequest, std::move(message)}; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Result<NamedModel> NamedModel::of(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  if (contains(type, "multipart/form-data")) {
    auto boundary = MultipartFields::boundary_of(content_type);
    if (!boundary) return boundary.error();
    NamedModel model(Form::Multipart);
    model.parts_.emplace(*boundary);
    return model;
  }
  // What no program labels, curl calls a form of the other kind.
  const bool unlabelled = is_blank(type) || contains(type, "x-www-form-urlencoded");
  return NamedModel(unlabelled || contains(type, "json") ? Form::Json : Form::Other);
}

Result<void> NamedModel::read(std::string_view body) {
  if (form_ == Form::Json) return read_json(body);
  if (form_ == Form::Other) return {};
  const auto read = parts_->read(body);
  if (!read) return read;
  if (!parts_->model() || !name_.empty()) return {};
  token_ = *parts_->model();
  name_ = body.substr(token_.begin, token_.size);
  return {};
}

Result<void> NamedModel::read_json(std::string_view body) {
  json_.push(body.substr(read_));
  read_ = body.size();
  const auto first = body.find_first_not_of(" \t\r\n");
  is_json_ = first != std::string_view::npos && body[first] == '{';
  const JsonMembers::Member& model = json_.member(0);
  if (model.times > 1) return invalid("model: expected once, found twice");
  if (model.times == 0 || !name_.empty() || model.value == "null") return {};
  if (!model.value.starts_with('"')) return invalid("model: expected a string");
  std::string name;
  if (!model.too_long) {
    const std::string_view text = std::string_view(model.value).substr(1, model.value.size() - 2);
    if (!append_decoded(text, name)) {
      return invalid("model: expected a JSON string, found a broken escape");
    }
  }
  if (name.empty() || name.size() > RequestScanner::model_bytes_max ||
      std::ranges::any_of(name, is_control)) {
    return invalid("model: expected 1 to 512 bytes without control characters");
  }
  name_ = std::move(name);
  token_ = model.range;
  return {};
}

bool NamedModel::may_follow() const {
  if (!name_.empty() || form_ == Form::Other) return false;
  return form_ == Form::Json ? !json_.over() : !parts_->over();
}

bool NamedModel::stream() const {
  if (form_ == Form::Json) return json_.member(1).value == "true";
  return parts_ && parts_->stream();
}

std::string NamedModel::written(std::string_view model) const {
  if (form_ != Form::Json) return std::string(model);
  std::string text;
  append_quoted(model, text);
  return text;
}

}  // namespace vdm::proxy
