#include "proxy-service/tap/tap.h"

#include <algorithm>
#include <utility>

#include "common/base/digest.h"
#include "common/base/sse.h"
#include "proxy-service/body/json_text.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t NameBytesMax = 64;
constexpr std::size_t MessageBytesMax = 256;
constexpr std::size_t ModelBytesMax = 256;
constexpr std::size_t CallsSeenMax = 1024;
/// Close enough for English text and JSON until the provider states its count.
constexpr std::uint64_t BytesPerToken = 4;

/// Text from the provider, decoded and cut between two characters.
std::string capped(std::string_view as_written, std::size_t bytes_max) {
  std::string text;
  append_decoded(as_written.substr(0, bytes_max * 6), text);
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

}  // namespace

Seen Tap::event(std::string_view event) {
  const SseFields fields = read_sse_event(event, joined_);
  if (!fields.has_data || fields.data.empty()) return {};
  if (fields.data == "[DONE]") {
    const bool terminal = dialect_ == Dialect::OpenAi;
    facts_.terminal = facts_.terminal || terminal;
    return Seen{.terminal = terminal};
  }

  Seen seen;
  const bool started_before = facts_.started;
  if (read(fields.data)) {
    add(reading_);
    seen.usage_only = reading_.has_choices && reading_.choices_empty && reading_.usage.any();
    seen.terminal = dialect_ == Dialect::Anthropic && reading_.type == "message_stop";
  }
  seen.first_token = facts_.started && !started_before;
  // An event named "error" is an error whatever its data.
  seen.error_told = reading_.error.present || fields.name == "error";
  seen.error = seen.error_told || reading_.failed();
  facts_.error = facts_.error || seen.error;
  facts_.error_told = facts_.error_told || seen.error_told;
  facts_.terminal = facts_.terminal || seen.terminal;
  return seen;
}

void Tap::body(std::string_view bytes) noexcept try {
  if (body_.size() + bytes.size() > body_bytes_max) {
    facts_.malformed = facts_.unread = true;  // it is relayed anyway
    bytes = {};
  }
  body_.append(bytes);
} catch (...) {
  facts_.malformed = facts_.unread = true;
}

void Tap::body_end(std::string_view last) noexcept try {
  const bool in_place = body_.empty() && last.size() <= body_bytes_max;
  if (!in_place) body(last);
  if (!facts_.malformed && read(in_place ? last : body_)) {
    add(reading_);
    facts_.error = reading_.failed();
    facts_.error_told = reading_.error.present;
    facts_.terminal = reading_.has_message || facts_.error;
  }
  body_.clear();
} catch (...) {
  facts_.malformed = facts_.unread = true;
}

bool Tap::read(std::string_view json) {
  reading_.clear();
  reading_.wants_model = !facts_.answered_as_asked && facts_.answered_name.empty();
  const auto index = indexer_.index(json);
  JsonWalk walk(json, index);
  const bool understood =
      dialect_ == Dialect::Anthropic ? read_anthropic(walk, reading_) : read_openai(walk, reading_);
  if (understood) return true;
  reading_.clear();
  facts_.malformed = true;
  return false;
}

void Tap::add(const Reading& reading) {
  if (!facts_.terminal) count(reading);
  if (reading.failed()) {
    const ErrorReading& said = reading.error.present ? reading.error : reading.choice_error;
    facts_.error_type = capped(said.type.empty() ? reading.end.failure : said.type, NameBytesMax);
    facts_.error_message = capped(said.message, MessageBytesMax);
  }
}

void Tap::count(const Reading& reading) {
  if (!reading.model.empty()) note_model(reading.model);
  for (const CallMark& call : reading.calls) count_call(call);
  facts_.tool_call_count += reading.tools_opened;
  if (!reading.end.word.empty()) {
    facts_.finish_reason = capped(reading.end.word, NameBytesMax);
  }
  if (reading.text_bytes > 0 || reading.tools_opened > 0 || !reading.calls.empty()) {
    facts_.started = true;
  }
  apply_input(reading.usage, facts_.usage);
  add_output(reading);
}

/// The first name counts: a stream repeats it in every chunk.
void Tap::note_model(std::string_view as_written) {
  if (facts_.answered_as_asked || !facts_.answered_name.empty()) return;
  facts_.answered_as_asked = as_written == asked_;
  if (facts_.answered_as_asked) return;
  std::string name = capped(as_written, ModelBytesMax);
  facts_.answered_as_asked = name == asked_;  // it was only written with escapes
  if (!facts_.answered_as_asked) facts_.answered_name = std::move(name);
}

/// A stream states a call's id once and its index always. Gemini gives every call the index 0 and
/// distinct ids. A whole body has ids alone.
void Tap::count_call(const CallMark& call) {
  const auto is_new = [this](std::uint64_t mark) {
    if (std::ranges::find(calls_seen_, mark) != calls_seen_.end()) return false;
    if (calls_seen_.size() < CallsSeenMax) calls_seen_.push_back(mark);
    return true;
  };
  const std::uint64_t by_index = call.choice << 32 | call.index;
  if (!call.id.empty()) {
    if (is_new(fnv1a_64(call.id))) ++facts_.tool_call_count;
    if (call.has_index) is_new(by_index);
  } else if (call.has_index) {
    if (is_new(by_index)) ++facts_.tool_call_count;
  } else if (call.has_name) {
    ++facts_.tool_call_count;
  }
}

void Tap::add_output(const Reading& reading) {
  // The count in message_start is from before the answer: a hint, not the number of tokens.
  const bool is_beginning = reading.type == "message_start";
  text_bytes_ += reading.text_bytes;
  const ReportedUsage& said = reading.usage;
  const std::uint64_t count = said.output.value_or(0);
  if (!is_beginning && count + said.prompt.value_or(0) + said.input.value_or(0) > 0) {
    facts_.usage_said = true;
  }
  // Nor is a zero the number of tokens, when there is text.
  const bool is_count = count > 0 || (said.output && text_bytes_ == 0 && output_reported_ == 0);
  if (is_count && !is_beginning) {
    output_reported_ = *reading.usage.output;
    text_bytes_ = 0;
    facts_.usage.output_tokens = output_reported_;
    facts_.usage.output_estimated = false;
    return;
  }
  if (text_bytes_ > 0) {
    facts_.usage.output_tokens =
        output_reported_ + (text_bytes_ + BytesPerToken - 1) / BytesPerToken;
    facts_.usage.output_estimated = true;
  }
}

}  // namespace vdm::proxy
