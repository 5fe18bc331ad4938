#include "proxy-service/completion/prepared_request.h"

#include <algorithm>
#include <utility>

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

PreparedRequest::Step PreparedRequest::begin(std::string_view body, const RequestScan& scan,
                                             Dialect client, const Target& target,
                                             const TargetFacts& facts) {
  converted_ = target.dialect != client;
  spliced_.reset();
  asks_usage_ = false;
  if (converted_) {
    rewriting_ = Rewriting{.body = body,
                           .client = client,
                           .options = {.model = target.model, .facts = facts.of(target)}};
    return Step::Rewrite;
  }
  if (auto refused = facts.refused(target); !refused.empty()) {
    rewriting_ = Rewriting{.body = body,
                           .client = client,
                           .options = {.model = target.model},
                           .left_out = std::move(refused)};
    return Step::Rewrite;
  }
  asks_usage_ = scan.stream && client == Dialect::OpenAi && !scan.include_usage &&
                facts.of(target).has(Trait::TakesStreamOptions);
  spliced_.emplace(body, scan, target.model,
                   asks_usage_ ? SplicedBody::Usage::AskFor : SplicedBody::Usage::AsItIs);
  return Step::Done;
}

Result<void> PreparedRequest::rewrite() {
  // The trees, and the text that is made of them. A value costs at most so many bytes in both.
  constexpr std::size_t ValueBytes = 200;
  constexpr std::size_t AllValuesBytes = ThinnedJson::ValuesMax * ValueBytes;
  const std::string_view body = rewriting_->body;
  std::string().swap(text_);  // to clear it would keep its memory
  if (!charge_.set(2 * body.size() + std::min(body.size() * ValueBytes / 2, AllValuesBytes))) {
    return Error{ErrorKind::Overloaded,
                 "the bodies of all requests together need more memory than "
                 "VDM_ALL_BODIES_BYTES_MAX; try again shortly"};
  }
  const bool becomes_text = converted_ && rewriting_->client == Dialect::Anthropic;
  const auto thinned = ThinnedJson::of(body, {.written_as_text = becomes_text ? "input" : ""});
  Result<void> written = thinned ? Result<void>() : thinned.error();
  if (written) written = converted_ ? convert(*thinned) : leave_out(*thinned);
  (void)charge_.set(text_.capacity());
  return written;
}

/// The client's own request without these members: the operator asked for that.
Result<void> PreparedRequest::leave_out(const ThinnedJson& body) {
  auto request = parse_body(body.text());
  if (!request) return request.error();
  (*request)["model"] = rewriting_->options.model;
  for (const std::string& member : rewriting_->left_out) request->erase(member);
  text_ = body.put_back(json_text(*request));
  return {};
}

Result<void> PreparedRequest::convert(const ThinnedJson& body) {
  tool_names_ = {};
  input_estimate_ = 0;
  const bool anthropic = rewriting_->client == Dialect::Anthropic;
  const RequestOptions& options = rewriting_->options;
  // Each tree is freed as soon as it is not needed: there may be tens of megabytes of them.
  const auto converted = [&]() -> Result<boost::json::object> {
    const auto request = parse_body(body.text());
    if (!request) return request.error();
    if (anthropic) input_estimate_ = estimate_input_tokens(*request, &body);
    return anthropic ? request_messages_to_chat(*request, options, tool_names_)
                     : request_chat_to_messages(*request, options, tool_names_);
  };
  std::string written;
  {
    const auto tree = converted();
    if (!tree) return tree.error();
    append_json(*tree, written);
  }
  text_ = body.put_back(std::move(written));
  return {};
}

void PreparedRequest::release() {
  std::string().swap(text_);  // to clear it would keep its memory
  rewriting_.reset();
  (void)charge_.set(0);
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
