#include "proxy-service/convert/request_options.h"

#include <algorithm>
#include <optional>

#include "common/base/text.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view LowToHigh[] = {"low", "medium", "high"};
constexpr std::string_view MinimalToHigh[] = {"minimal", "low", "medium", "high"};
constexpr std::string_view LowToXhigh[] = {"low", "medium", "high", "xhigh"};
constexpr std::string_view LowToMax[] = {"low", "medium", "high", "max"};
constexpr std::string_view LowToXhighToMax[] = {"low", "medium", "high", "xhigh", "max"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A model's name without its vendor: "openai/gpt-5" becomes "gpt-5".
std::string_view last_part(std::string_view model) {
  return model.substr(model.rfind('/') + 1);  // npos + 1 is 0
}

/// The version after the family in a model's name, as ten times major plus minor:
/// "claude-opus-4-6-20260101" and "claude-opus-4.6" are 46, "gpt-5.2" is 52.
std::optional<int> version_after(std::string_view model, std::string_view family) {
  const auto at = model.find(family);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = model.substr(at + family.size());
  if (rest.empty() || !is_digit(rest[0]) || (rest.size() > 1 && is_digit(rest[1]))) {
    return std::nullopt;  // "claude-sonnet-20240620" has a date there, not a version
  }
  int version = (rest[0] - '0') * 10;
  const bool has_minor = rest.size() > 2 && (rest[1] == '-' || rest[1] == '.') &&
                         is_digit(rest[2]) && (rest.size() == 3 || !is_digit(rest[3]));
  if (has_minor) version += rest[2] - '0';
  return version;
}

void know_openai_model(std::string_view model, RequestOptions& options) {
  const std::string_view name = last_part(model);
  const auto gpt = version_after(name, "gpt-");
  const bool is_o_series = name.size() > 1 && name[0] == 'o' && is_digit(name[1]);
  const bool is_chat = contains(name, "-chat");  // gpt-5-chat does not reason
  if (is_o_series || (gpt && *gpt >= 50)) {
    options.token_limit = TokenLimit::MaxCompletionTokens;
    if (is_chat || contains(name, "o1-mini") || contains(name, "o1-preview")) return;
    options.thinking = Thinking::Effort;
    options.sampling = false;
    options.efforts = LowToHigh;
    if (gpt == 50 && !contains(name, "-pro")) options.efforts = MinimalToHigh;
    if (gpt && *gpt >= 52) options.efforts = LowToXhigh;
  } else if (contains(name, "gpt-oss")) {
    options.thinking = Thinking::Effort;
    options.efforts = LowToHigh;
  } else if (contains(name, "gemini")) {
    options.thought_signatures = true;
    const auto version = version_after(name, "gemini-");
    if (!version || *version < 25) return;
    options.thinking = Thinking::Effort;
    options.efforts = LowToHigh;
  }
}

void know_reasoning_history(std::string_view model, RequestOptions& options) {
  const std::string_view name = last_part(model);
  if (model.starts_with("anthropic/")) {
    options.reasoning_history = ReasoningHistory::Details;
  } else if (contains(name, "kimi-k2-thinking") || contains(name, "deepseek-reasoner") ||
             contains(name, "deepseek-v3.2") || contains(name, "glm-4.7") ||
             contains(name, "glm-5")) {
    options.reasoning_history = ReasoningHistory::Content;
  }
}

void know_anthropic_model(std::string_view model, RequestOptions& options) {
  std::optional<int> version;
  for (const std::string_view family : {"opus-", "sonnet-", "haiku-", "claude-"}) {
    if (!version) version = version_after(model, family);
  }
  if (!version || !contains(model, "claude")) return;
  if (*version >= 46) {
    options.thinking = Thinking::Adaptive;
    options.efforts = *version >= 47 ? std::span<const std::string_view>(LowToXhighToMax)
                                     : std::span<const std::string_view>(LowToMax);
  } else if (*version >= 37) {
    options.thinking = Thinking::Budget;
  }
  options.structured_output = *version >= 45;
}

}  // namespace

RequestOptions request_options(Dialect target, std::string_view model) {
  RequestOptions options;
  options.model = model;
  if (target == Dialect::OpenAi) {
    know_openai_model(model, options);
    know_reasoning_history(model, options);
  } else {
    know_anthropic_model(model, options);
  }
  return options;
}

}  // namespace vdm::proxy
