#include "proxy-service/serve/prepared_request.h"

#include "proxy-service/convert/count_tokens.h"
#include "proxy-service/convert/request_anthropic_to_openai.h"
#include "proxy-service/convert/request_openai_to_anthropic.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/wire_json.h"

namespace vdm::proxy {

Result<void> PreparedRequest::prepare(std::string_view body, const RequestScan& scan,
                                      Dialect client, const Target& target) {
  converted_ = target.dialect != client;
  if (converted_) return convert(body, client, target);
  const bool ask_usage = scan.stream && client == Dialect::OpenAi && !scan.include_usage;
  spliced_.emplace(body, scan, target.model,
                   ask_usage ? SplicedBody::Usage::AskFor : SplicedBody::Usage::AsItIs);
  return {};
}

Result<void> PreparedRequest::convert(std::string_view body, Dialect client, const Target& target) {
  const auto request = parse_body(body);
  if (!request) return request.error();
  const RequestOptions options = request_options(target.dialect, target.model);
  tool_names_ = {};
  const bool anthropic = client == Dialect::Anthropic;
  const auto converted = anthropic ? request_anthropic_to_openai(*request, options, tool_names_)
                                   : request_openai_to_anthropic(*request, options, tool_names_);
  if (!converted) return converted.error();
  input_estimate_ = anthropic ? estimate_input_tokens(*request) : 0;
  text_.clear();
  append_json(*converted, text_);
  return {};
}

void PreparedRequest::add_to(Pieces& pieces) const {
  if (converted_) return pieces.add(text_);
  for (const std::string_view piece : spliced_->pieces()) pieces.add(piece);
}

}  // namespace vdm::proxy
