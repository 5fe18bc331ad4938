#include "proxy-service/redact/error_words.h"

#include <algorithm>
#include <array>

namespace vdm::proxy {
namespace {

// Words that OpenAI, Anthropic and other providers of their dialects write in their errors.
constexpr auto KnownWords = std::to_array<std::string_view>({
    // clang-format off
    "able", "about", "above", "access", "accessible", "account", "additional",
    "additionalproperties", "after", "again", "against", "all", "allowed", "also", "amount", "and",
    "anthropic", "anthropic_version", "any", "anyof", "api", "api_error", "are", "argument",
    "arguments", "array", "arrays", "assistant", "audio", "authenticate", "authenticated",
    "authentication", "authentication_error", "authorization", "authorized", "availability",
    "available", "azure", "balance", "base64", "because", "been", "before", "being", "below",
    "beta", "between", "big", "bill", "billing", "block", "blocked", "blocks", "body", "bool",
    "boolean", "both", "budget", "budget_tokens", "busy", "but", "byte", "bytes", "cache",
    "cache_control", "caching", "call", "calls", "can", "cannot", "capacity", "change", "changed",
    "character", "characters", "check", "choice", "claude", "closed", "code", "codes", "complete",
    "completed", "completion", "completions", "connection", "contact", "contain", "containing",
    "contains", "content", "content_filter", "content_policy", "contents", "context",
    "context_length_exceeded", "conversation", "correct", "corresponding", "could", "count",
    "credit", "credits", "currently", "custom", "dashboard", "day", "days", "decode", "decoding",
    "defs", "demand", "denied", "deprecated", "description", "detail", "details", "developer",
    "dict", "did", "disabled", "docs", "document", "documentation", "documents", "does", "don",
    "due", "during", "each", "effort", "either", "empty", "enabled", "encode", "encoding", "end",
    "endpoint", "endpoints", "ensure", "enum", "ephemeral", "error", "errors", "every", "exceed",
    "exceeded", "exceeding", "exceeds", "exist", "exists", "expected", "experiencing", "expired",
    "extra", "fail", "failed", "failing", "fails", "failure", "field", "fields", "file", "files",
    "filter", "filtered", "filtering", "final", "first", "flagged", "float", "followed",
    "following", "for", "forbidden", "format", "formats", "found", "free", "frequency_penalty",
    "from", "function", "functions", "gateway", "get", "given", "google", "gpt", "had", "handle",
    "handling", "has", "have", "header", "headers", "help", "here", "high", "history", "hit",
    "hour", "hours", "how", "http", "https", "image", "image_url", "images", "immediately",
    "include", "include_usage", "included", "includes", "incomplete", "incorrect", "increase",
    "index", "information", "input", "input_schema", "inputs", "instead", "instructions",
    "insufficient", "insufficient_quota", "integer", "integers", "internal", "into", "invalid",
    "invalid_api_key", "invalid_request_error", "invalid_type", "invalid_value", "issue", "issues",
    "items", "its", "json", "json_object", "json_schema", "key", "keys", "large", "last", "later",
    "learn", "least", "length", "less", "limit", "limited", "limiting", "limits", "list", "load",
    "loaded", "loading", "logit_bias", "logprobs", "long", "low", "make", "malformed", "management",
    "match", "matches", "matching", "max", "max_completion_tokens", "max_output_tokens",
    "max_tokens", "maximum", "may", "media", "message", "messages", "metadata", "method", "might",
    "min", "minimum", "minute", "minutes", "missing", "missing_required_parameter", "model",
    "model_not_found", "models", "moderation", "moment", "month", "more", "must", "name", "names",
    "need", "needed", "needs", "new", "next", "none", "not", "not_found_error", "null", "number",
    "object", "objects", "occurred", "off", "old", "once", "one", "only", "openai", "order",
    "organization", "other", "our", "out", "output", "outputs", "over", "overload", "overloaded",
    "overloaded_error", "page", "parallel_tool_calls", "parameter", "parameters", "parse", "parsed",
    "parsing", "pass", "passed", "per", "permission", "permission_error", "permissions",
    "permitted", "plan", "plans", "please", "policies", "policy", "position", "post", "preceding",
    "presence_penalty", "previous", "problem", "process", "processed", "processing", "project",
    "prompt", "prompts", "properties", "property", "provide", "provided", "provider", "providers",
    "quota", "quotas", "rate", "rate_limit_error", "rate_limit_exceeded", "reach", "reached",
    "read", "reading", "reasoning", "reasoning_effort", "receive", "received", "redacted_thinking",
    "reduce", "reduced", "refused", "rejected", "removed", "request", "requests", "require",
    "required", "requires", "resource", "resources", "response", "response_format", "responses",
    "result", "resulted", "results", "retry", "retrying", "role", "roles", "safety", "schema",
    "second", "seconds", "see", "seed", "send", "sending", "sent", "server", "server_error",
    "server_tool_use", "servers", "service", "service_tier", "set", "settings", "shall", "short",
    "should", "signature", "signatures", "since", "size", "small", "some", "sorry", "source",
    "specified", "specifies", "specify", "status", "stop", "stop_sequences", "stream",
    "stream_options", "streaming", "string", "strings", "support", "supported", "supports", "sure",
    "system", "temperature", "temporarily", "temporary", "text", "than", "that", "the", "their",
    "then", "there", "these", "thinking", "this", "those", "tier", "time", "timed", "timeout",
    "times", "title", "token", "tokens", "too", "tool", "tool_call", "tool_call_id", "tool_calls",
    "tool_choice", "tool_result", "tool_use", "tool_use_id", "tool_use_ids", "tools", "top_k",
    "top_p", "total", "traffic", "trigger", "triggered", "try", "turn", "turns", "two", "type",
    "types", "unable", "unauthorized", "unavailable", "under", "unexpected", "unknown",
    "unknown_parameter", "unless", "unrecognized", "unsupported", "unsupported_parameter",
    "unsupported_value", "until", "upgrade", "upstream", "url", "usage", "use", "use_id", "used",
    "user", "user_id", "users", "uses", "using", "valid", "value", "values", "verify", "version",
    "via", "video", "violated", "violates", "violation", "visit", "was", "were", "what", "when",
    "where", "which", "while", "who", "why", "will", "window", "with", "within", "without", "would",
    "write", "wrong", "you", "your",
    // clang-format on
});
static_assert(std::ranges::is_sorted(KnownWords));

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

bool is_error_word(std::string_view word) {
  if (word.size() <= 2) return std::ranges::all_of(word, is_letter);
  return std::ranges::binary_search(KnownWords, word);
}

}  // namespace vdm::proxy
