#include "proxy-service/completion/prepared_request.h"

#include "proxy-service/convert/chat_to_messages/request.h"
#include "proxy-service/convert/content/count_tokens.h"
#include "proxy-service/convert/json/wire_json.h"
#include "proxy-service/convert/messages_to_chat/request.h"
#include "proxy-service/convert/request_options.h"

namespace vdm::proxy {

const ModelFacts& TargetFacts::known(const Target& target) const {
  const DoorDialect door =
      target.dialect == Dialect::Anthropic ? DoorDialect::Messages : DoorDialect::Chat;
  return known_.find(provider_, target.model, door);
}

ModelFacts TargetFacts::of(const Target& target) const {
  ModelFacts facts = known(target);
  learned_.apply(provider_, target.model, now_, facts);
  return facts;
}

std::string_view TargetFacts::session_header(const Target& target) const {
  return known(target).session_header;
}

std::vector<std::string> TargetFacts::refused(const Target& target) const {
  if (adapt_ != Adapt::Always) return {};
  return learned_.refused(provider_, target.model, now_);
}

Result<void> PreparedRequest::prepare(std::string_view body, const RequestScan& scan,
                                      Dialect client, const Target& target,
                                      const TargetFacts& facts) {
  converted_ = target.dialect != client;
  spliced_.reset();
  asks_usage_ = false;
  if (converted_) return convert(body, client, target, facts);
  if (const auto refused = facts.refused(target); !refused.empty()) {
    return leave_out(body, target, refused);
  }
  asks_usage_ = scan.stream && client == Dialect::OpenAi && !scan.include_usage &&
                facts.of(target).has(Trait::TakesStreamOptions);
  spliced_.emplace(body, scan, target.model,
                   asks_usage_ ? SplicedBody::Usage::AskFor : SplicedBody::Usage::AsItIs);
  return {};
}

/// The client's own request without these members: the operator asked for that.
Result<void> PreparedRequest::leave_out(std::string_view body, const Target& target,
                                        const std::vector<std::string>& members) {
  auto request = parse_body(body);
  if (!request) return request.error();
  (*request)["model"] = target.model;
  for (const std::string& member : members) request->erase(member);
  text_.clear();
  append_json(*request, text_);
  return {};
}

Result<void> PreparedRequest::convert(std::string_view body, Dialect client, const Target& target,
                                      const TargetFacts& facts) {
  const auto request = parse_body(body);
  if (!request) return request.error();
  const RequestOptions options{.model = target.model, .facts = facts.of(target)};
  tool_names_ = {};
  const bool anthropic = client == Dialect::Anthropic;
  const auto converted = anthropic ? request_messages_to_chat(*request, options, tool_names_)
                                   : request_chat_to_messages(*request, options, tool_names_);
  if (!converted) return converted.error();
  input_estimate_ = anthropic ? estimate_input_tokens(*request) : 0;
  text_.clear();
  append_json(*converted, text_);
  return {};
}

void PreparedRequest::add_to(BufferSequence& buffers) const {
  if (!spliced_) return buffers.add(text_);
  for (const std::string_view piece : spliced_->pieces()) buffers.add(piece);
}

std::string PreparedRequest::text() const {
  if (!spliced_) return text_;
  std::string whole;
  for (const std::string_view piece : spliced_->pieces()) whole.append(piece);
  return whole;
}

}  // namespace vdm::proxy
