#include "proxy-service/convert/said_error.h"

#include <algorithm>
#include <iterator>

#include "proxy-service/body/json_text.h"

namespace vdm::proxy {
namespace {

/// One meaning in both dialects' words, and the other words providers have for it.
struct Meaning {
  std::string_view anthropic;
  std::string_view openai;
  std::string_view others[4];
};

constexpr Meaning Meanings[] = {
    {"rate_limit_error", "rate_limit_error", {"rate_limit_exceeded", "insufficient_quota", "429"}},
    {"overloaded_error", "server_error", {"overloaded", "engine_overloaded", "503", "529"}},
    {"invalid_request_error", "invalid_request_error", {"BadRequestError", "400", "413", "422"}},
    {"authentication_error", "authentication_error", {"invalid_api_key", "401"}},
    {"permission_error", "permission_error", {"403"}},
    {"not_found_error", "invalid_request_error", {"model_not_found", "404"}},
    {"request_too_large", "invalid_request_error", {"context_length_exceeded"}},
    {"timeout_error", "timeout_error", {"timeout", "408", "504"}},
};
constexpr Meaning Broken = {"api_error", "server_error", {}};

bool has_word(const Meaning& meaning, std::string_view word) {
  return !word.empty() && (word == meaning.anthropic ||
                           std::ranges::find(meaning.others, word) != std::end(meaning.others));
}

const Meaning* find_meaning(std::string_view word) {
  const auto found = std::ranges::find_if(
      Meanings, [&](const Meaning& meaning) { return has_word(meaning, word); });
  return found == std::end(Meanings) ? nullptr : &*found;
}

const Meaning& meaning_of(std::string_view word) {
  const Meaning* found = find_meaning(word);
  return found == nullptr ? Broken : *found;
}

/// OpenAI says "requests" or "tokens" as the type of a rate limit, and its code tells.
std::string_view telling_word(const SaidError& said) {
  if (find_meaning(said.type) != nullptr) return said.type;
  if (said.type.empty() || find_meaning(said.code) != nullptr) return said.code;
  return said.type;
}

/// Foreign text, decoded and cut between two characters.
std::string capped(std::string_view as_written, std::size_t bytes_max) {
  std::string text;
  append_decoded(as_written.substr(0, bytes_max * 6), text);
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

/// The words a client gets when the provider had none.
std::string_view message_or_default(const StreamError& error) {
  if (error.message.empty()) return "the provider failed without saying why";
  return error.message;
}

/// A word or a number.
bool read_code(JsonWalk& walk, std::string_view& code) {
  const char ahead = walk.peek();
  if (ahead == '"') {
    code = walk.string_or_skip().value_or("");
    return true;
  }
  if (ahead >= '0' && ahead <= '9') code = walk.token();
  return walk.skip();
}

}  // namespace

bool read_said_error(JsonWalk& walk, SaidError& error) {
  const char ahead = walk.peek();
  error.said = error.said || ahead == '{' || ahead == '"';
  if (ahead == '"') {
    error.message = walk.string_or_skip().value_or("");
    return true;
  }
  return walk.object_or_skip([&](std::string_view key) {
    if (key == "message") {
      error.message = walk.string_or_skip().value_or("");
    } else if (key == "type") {
      const auto type = walk.string_or_skip();
      if (type && !type->empty()) error.type = *type;
    } else if (key == "code") {
      return read_code(walk, error.code);
    } else {
      return walk.skip();
    }
    return true;
  });
}

StreamError stream_error_of(const SaidError& said) {
  return {.type = capped(telling_word(said), StreamError::type_bytes_max),
          .message = capped(said.message, StreamError::message_bytes_max)};
}

void append_anthropic_error(const StreamError& error, std::string& out) {
  out.append("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"")
      .append(meaning_of(error.type).anthropic)
      .append("\",\"message\":");
  append_quoted(message_or_default(error), out);
  out.append("}}\n\n");
}

void append_openai_error(const StreamError& error, std::string& out) {
  out.append("data: {\"error\":{\"message\":");
  append_quoted(message_or_default(error), out);
  out.append(",\"type\":\"")
      .append(meaning_of(error.type).openai)
      .append("\",\"param\":null,\"code\":null}}\n\n");
}

}  // namespace vdm::proxy
