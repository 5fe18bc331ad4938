#include "proxy-service/completion/client_request.h"

#include <algorithm>

#include "proxy-service/http1/head_writer.h"

namespace vdm::proxy {
namespace {

using http1::FieldName;

constexpr std::size_t FactBytesMax = 256;

/// Whether a field goes on to the provider. Fields that the proxy writes itself, that identify the
/// client, or that describe the hop between the client and the proxy do not.
bool is_passed_on(const http1::Field& field) {
  switch (field.known) {
    case FieldName::AcceptEncoding:
    case FieldName::Authorization:
    case FieldName::ContentLength:
    case FieldName::Cookie:
    case FieldName::Expect:
    case FieldName::Forwarded:
    case FieldName::Host:
    case FieldName::ProxyAuthorization:
    case FieldName::Te:
    case FieldName::Traceparent:
    case FieldName::Tracestate:
    case FieldName::Trailer:
    case FieldName::TransferEncoding:
    case FieldName::Upgrade:
    case FieldName::XApiKey:
    case FieldName::XForwardedFor:
    case FieldName::XForwardedHost:
    case FieldName::XForwardedProto:
    case FieldName::XRealIp:
    case FieldName::XRequestId:
      return false;
    default:
      break;
  }
  if (field.known != FieldName::Other) return true;
  constexpr std::string_view Forwarded = "x-forwarded-";
  constexpr std::string_view Ours = "x-vandamme-";  // among them the gateway's key
  return !http1::equal_ignoring_case(field.name, "api-key") &&
         !http1::equal_ignoring_case(field.name.substr(0, Forwarded.size()), Forwarded) &&
         !http1::equal_ignoring_case(field.name.substr(0, Ours.size()), Ours);
}

std::string capped(std::optional<std::string_view> value) {
  return std::string(value.value_or("").substr(0, FactBytesMax));
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::optional<std::string_view> trace_id_of(std::string_view traceparent) {
  // version "-" trace-id "-" parent-id "-" flags; a later version may append more.
  constexpr std::size_t Size = 55;
  if (traceparent.size() < Size) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace = traceparent.substr(3, 32);
  const std::string_view parent = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  const bool dashes = traceparent[2] == '-' && traceparent[35] == '-' && traceparent[52] == '-';
  const bool hex =
      is_lower_hex(version) && is_lower_hex(trace) && is_lower_hex(parent) && is_lower_hex(flags);
  if (!dashes || !hex || version == "ff") return std::nullopt;
  if (traceparent.size() > Size && (version == "00" || traceparent[Size] != '-')) {
    return std::nullopt;
  }
  const auto all_zero = [](std::string_view id) {
    return id.find_first_not_of('0') == std::string_view::npos;
  };
  if (all_zero(trace) || all_zero(parent)) return std::nullopt;
  return trace;
}

void ClientRequest::begin() {
  if (facts.use_count() > 1) facts = std::make_shared<RequestFacts>(*facts);
  facts->request_id.clear();
  facts->started_at = {};
  facts->upstream_dialect = Dialect::Unspecified;
  facts->requested_model.clear();
  facts->resolved_model.clear();
  facts->provider.clear();
  facts->streaming = false;
  facts->message_count = 0;
  facts->request_bytes = 0;
  facts->tool_use_count = 0;
  facts->tool_result_count = 0;
  facts->session_id = session_id;
  facts->attempt_group.clear();
  facts->kind.clear();
  facts->credential = Credential::Unspecified;
}

void ClientRequest::read(const http1::RequestHead& head, Dialect client_dialect, Endpoint asked) {
  const http1::Fields& fields = head.fields();
  dialect = client_dialect;
  endpoint = asked;
  content_length = head.content_length();
  chunked = head.chunked();
  expect_continue = head.expect_continue();
  const auto encoding = fields.get(FieldName::ContentEncoding);
  has_content_encoding = encoding && !http1::equal_ignoring_case(*encoding, "identity");
  has_anthropic_version = fields.has(FieldName::AnthropicVersion);
  query = head.query();
  forwarded.clear();
  http1::HeadWriter(forwarded).fields(fields, is_passed_on);

  facts->client_dialect = dialect;
  facts->user_agent = capped(fields.get(FieldName::UserAgent));
  session_id = capped(fields.get("x-claude-code-session-id"));
  if (session_id.empty()) session_id = capped(fields.get("x-session-id"));
  facts->session_id = session_id;
  facts->agent_id = capped(fields.get("x-claude-code-agent-id"));
  const auto traceparent = fields.get(FieldName::Traceparent);
  const auto trace = traceparent ? trace_id_of(*traceparent) : std::nullopt;
  facts->trace_id = trace.value_or("");
  trace_is_clients = trace.has_value();
  upstream_head.clear();
}

}  // namespace vdm::proxy
