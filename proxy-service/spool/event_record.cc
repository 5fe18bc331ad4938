#include "proxy-service/spool/event_record.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "proto/contract/event_codec.h"

namespace vdm::proxy {
namespace {

/// Bytes beyond a cap that are kept, so that the codec still sees that a text is too long, and cuts
/// it between two characters.
constexpr std::size_t Beyond = 4;
/// The length of a text that is the same as another, named where it is written.
constexpr std::uint16_t Same = 0xffff;
constexpr std::size_t TextsOfFacts = 11;
constexpr std::uint32_t TokensKeptMax = std::numeric_limits<std::uint32_t>::max();

enum EndedFlag : std::uint8_t {
  OwnFacts = 1,
  HasTtft = 2,
  InputEstimated = 4,
  OutputEstimated = 8,
  AnsweredAsAsked = 16,
  ModelMismatch = 32,
};

struct FactsImage {
  std::int64_t started_at_us;
  std::uint64_t request_bytes;
  std::uint32_t message_count;
  std::uint32_t tool_use_count;
  std::uint32_t tool_result_count;
  std::uint8_t client_dialect;
  std::uint8_t upstream_dialect;
  std::uint8_t streaming;
  std::uint8_t credential;
  std::array<std::uint16_t, TextsOfFacts> lengths;
};

struct StartedImage {
  std::uint64_t start;
  FactsImage facts;
};

struct EndedImage {
  std::uint64_t start;
  std::int64_t duration;
  std::int64_t ttft;
  std::int64_t overhead;
  std::uint64_t response_bytes;
  std::array<std::uint32_t, 5> tokens;
  std::uint32_t tool_call_count;
  std::uint16_t http_status;
  std::uint16_t attempts;
  std::uint8_t outcome;
  std::uint8_t flags;
  std::uint16_t error_type;
  std::uint16_t error_message;
  std::uint16_t finish_reason;
  std::uint16_t answered_name;
  std::uint16_t unused;
};

struct AttemptImage {
  std::array<std::int64_t, 4> times;  // started, connected, first byte, ended
  std::uint16_t http_status;
  std::uint16_t provider;
  std::uint16_t resolved_model;
  std::uint16_t error_type : 15;
  std::uint16_t connection_reused : 1;
};
constexpr std::size_t FactsBytesMax =
    sizeof(FactsImage) + TextsOfFacts * (std::size_t{Caps::Text} + Beyond);
constexpr std::size_t AttemptBytesMax =
    sizeof(AttemptImage) + 3 * (std::size_t{Caps::Text} + Beyond);
static_assert(sizeof(EndedImage) + FactsBytesMax + Caps::Attempts * AttemptBytesMax +
                  4 * (std::size_t{Caps::Text} + Beyond) + 8 <=
              PayloadBytesMax);
static_assert(sizeof(StartedImage) == 64 && sizeof(EndedImage) == 80 && sizeof(AttemptImage) == 40);

constexpr std::size_t kept(std::string_view text, std::size_t cap) {
  return std::min(text.size(), cap + Beyond);
}

std::size_t whole(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

/// Writes texts one behind the other.
class TextWriter {
 public:
  explicit TextWriter(char* to) : to_(to) {}
  std::uint16_t put(std::string_view text, std::size_t cap) {
    if (text.empty()) return 0;
    const std::size_t bytes = kept(text, cap);
    std::memcpy(to_, text.data(), bytes);
    to_ += bytes;
    return static_cast<std::uint16_t>(bytes);
  }
  std::uint16_t put_unless_same(std::string_view text, std::string_view other, std::size_t cap) {
    return text == other ? Same : put(text, cap);
  }
  char* end() const { return to_; }

 private:
  char* to_;
};

void put_facts(const RequestFacts& facts, FactsImage& image, TextWriter& texts) {
  image.started_at_us = facts.started_at.time_since_epoch().count();
  image.request_bytes = facts.request_bytes;
  image.message_count = facts.message_count;
  image.tool_use_count = facts.tool_use_count;
  image.tool_result_count = facts.tool_result_count;
  image.client_dialect = static_cast<std::uint8_t>(facts.client_dialect);
  image.upstream_dialect = static_cast<std::uint8_t>(facts.upstream_dialect);
  image.streaming = facts.streaming ? 1 : 0;
  image.credential = static_cast<std::uint8_t>(facts.credential);
  image.lengths = {
      texts.put(facts.request_id, Caps::RequestId),
      texts.put(facts.requested_model, Caps::Text),
      texts.put_unless_same(facts.resolved_model, facts.requested_model, Caps::Text),
      texts.put(facts.provider, Caps::Word),
      texts.put(facts.client_label, Caps::Word),
      texts.put(facts.user_agent, Caps::Text),
      texts.put(facts.session_id, Caps::Text),
      texts.put(facts.agent_id, Caps::Text),
      texts.put(facts.trace_id, Caps::Word),
      texts.put(facts.attempt_group, Caps::Text),
      texts.put(facts.kind, Caps::Word),
  };
}

std::uint32_t kept_tokens(std::uint64_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, TokensKeptMax));
}

std::uint16_t kept_status(std::uint32_t status) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(status, 0xffff));
}

void put_numbers(const Ended& ended, EndFacts facts, EndedImage& image) {
  const auto flag = [](bool set, EndedFlag value) { return set ? int{value} : 0; };
  image.duration = ended.duration.count();
  image.ttft = ended.ttft ? ended.ttft->count() : 0;
  image.overhead = ended.overhead.count();
  image.response_bytes = ended.response_bytes;
  const Usage& usage = ended.usage;
  image.tokens = {kept_tokens(usage.input_tokens), kept_tokens(usage.output_tokens),
                  kept_tokens(usage.cache_read_tokens), kept_tokens(usage.cache_creation_tokens),
                  kept_tokens(usage.reasoning_tokens)};
  image.tool_call_count = ended.tool_call_count;
  image.http_status = kept_status(ended.http_status);
  image.outcome = static_cast<std::uint8_t>(ended.outcome);
  image.flags = static_cast<std::uint8_t>(
      flag(facts == EndFacts::Own, OwnFacts) | flag(ended.ttft.has_value(), HasTtft) |
      flag(usage.input_estimated, InputEstimated) | flag(usage.output_estimated, OutputEstimated) |
      flag(ended.answered_as_asked, AnsweredAsAsked) | flag(ended.model_mismatch, ModelMismatch));
  image.unused = 0;
}

/// Attempts behind texts stand at any address. Returns where the next one goes.
char* put_attempt(const Attempt& attempt, const RequestFacts& facts, char* to) {
  TextWriter texts(to + sizeof(AttemptImage));
  const AttemptImage image{
      .times = {attempt.started_after.count(), attempt.connected_after.count(),
                attempt.first_byte_after.count(), attempt.ended_after.count()},
      .http_status = kept_status(attempt.http_status),
      .provider = texts.put_unless_same(attempt.provider, facts.provider, Caps::Word),
      .resolved_model =
          texts.put_unless_same(attempt.resolved_model, facts.resolved_model, Caps::Text),
      .error_type = static_cast<std::uint16_t>(texts.put(attempt.error_type, Caps::Word) & 0x7fff),
      .connection_reused = attempt.connection_reused};
  std::memcpy(to, &image, sizeof image);
  return texts.end();
}

/// Reads what a payload holds, and remembers when it ended too early or cannot be.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : rest_(payload) {}
  template <class Image>
  Image image() {
    Image out{};
    if (rest_.size() < sizeof out) return fail(), out;
    std::memcpy(&out, rest_.data(), sizeof out);
    rest_.remove_prefix(sizeof out);
    return out;
  }
  void text(std::uint16_t bytes, std::string& out) {
    if (bytes > rest_.size()) return fail();
    assign(rest_.substr(0, bytes), out);
    rest_.remove_prefix(bytes);
  }
  void text(std::uint16_t bytes, std::string_view same_as, std::string& out) {
    if (bytes == Same) {
      assign(same_as, out);
    } else {
      text(bytes, out);
    }
  }
  template <class Enum>
  void choice(std::uint8_t value, Enum last, Enum& out) {
    if (value > static_cast<std::uint8_t>(last)) return fail();
    out = static_cast<Enum>(value);
  }
  bool good() const { return good_; }
  void fail() { good_ = false; }

 private:
  /// Memory is used again for one request after another: most texts are empty, or those of the
  /// last.
  static void assign(std::string_view text, std::string& out) {
    if (out != text) out.assign(text);
  }

  std::string_view rest_;
  bool good_ = true;
};

void get_facts(const FactsImage& image, PayloadReader& read, RequestFacts& out) {
  out.started_at = WallTime(Micros(image.started_at_us));
  out.request_bytes = image.request_bytes;
  out.message_count = image.message_count;
  out.tool_use_count = image.tool_use_count;
  out.tool_result_count = image.tool_result_count;
  read.choice(image.client_dialect, Dialect::OpenAi, out.client_dialect);
  read.choice(image.upstream_dialect, Dialect::OpenAi, out.upstream_dialect);
  out.streaming = image.streaming != 0;
  read.choice(image.credential, Credential::None, out.credential);
  const auto& lengths = image.lengths;
  read.text(lengths[0], out.request_id);
  read.text(lengths[1], out.requested_model);
  read.text(lengths[2], out.requested_model, out.resolved_model);
  read.text(lengths[3], out.provider);
  read.text(lengths[4], out.client_label);
  read.text(lengths[5], out.user_agent);
  read.text(lengths[6], out.session_id);
  read.text(lengths[7], out.agent_id);
  read.text(lengths[8], out.trace_id);
  read.text(lengths[9], out.attempt_group);
  read.text(lengths[10], out.kind);
}

void get_attempt(PayloadReader& read, const RequestFacts& facts, Attempt& out) {
  const auto image = read.image<AttemptImage>();
  out.started_after = Micros(image.times[0]);
  out.connected_after = Micros(image.times[1]);
  out.first_byte_after = Micros(image.times[2]);
  out.ended_after = Micros(image.times[3]);
  out.http_status = image.http_status;
  out.connection_reused = image.connection_reused != 0;
  read.text(image.provider, facts.provider, out.provider);
  read.text(image.resolved_model, facts.resolved_model, out.resolved_model);
  read.text(image.error_type, out.error_type);
}

}  // namespace

std::size_t write_record(const RequestFacts& of_start, char* to) {
  auto& image = *new (to) StartedImage;
  image.start = 0;
  TextWriter texts(to + sizeof image);
  put_facts(of_start, image.facts, texts);
  return whole(static_cast<std::size_t>(texts.end() - to));
}

std::size_t write_record(const Ended& ended, EndFacts facts, std::uint64_t start, char* to) {
  auto& image = *new (to) EndedImage;
  put_numbers(ended, facts, image);
  image.start = start;
  char* at = to + sizeof image;
  if (facts == EndFacts::Own) {
    auto& own = *new (at) FactsImage;
    TextWriter texts(at + sizeof own);
    put_facts(*ended.facts, own, texts);
    at = texts.end();
  }
  const std::size_t attempts = std::min(ended.attempts.size(), Caps::Attempts);
  image.attempts = static_cast<std::uint16_t>(attempts);
  for (std::size_t n = 0; n < attempts; ++n) {
    at = put_attempt(ended.attempts[n], *ended.facts, at);
  }
  TextWriter texts(at);
  image.error_type = texts.put(ended.error_type, Caps::Word);
  image.error_message = texts.put(ended.error_message, Caps::Text);
  image.finish_reason = texts.put(ended.finish_reason, Caps::Word);
  image.answered_name = texts.put(ended.answered_name, Caps::Text);
  return whole(static_cast<std::size_t>(texts.end() - to));
}

void write_record(const Gap& gap, char* to) {
  const std::array<std::uint64_t, 3> image{gap.from_seq, gap.to_seq, gap.ended_count};
  static_assert(sizeof image == GapPayloadBytes);
  std::memcpy(to, &image, sizeof image);
}

bool read_name(RecordKind kind, std::string_view payload, RecordName& out) {
  PayloadReader read(payload);
  if (kind == RecordKind::Started) {
    out = {.start = read.image<StartedImage>().start, .facts = EndFacts::Own};
  } else if (kind == RecordKind::Ended) {
    const auto image = read.image<EndedImage>();
    out = {.start = image.start,
           .facts = (image.flags & OwnFacts) != 0 ? EndFacts::Own : EndFacts::OfStart,
           .attempts = image.attempts};
  } else {
    return false;
  }
  return read.good();
}

bool read_started(std::string_view payload, RequestFacts& out) {
  PayloadReader read(payload);
  const auto image = read.image<StartedImage>();
  if (read.good()) get_facts(image.facts, read, out);
  return read.good();
}

bool read_gap(std::string_view payload, Gap& out) {
  PayloadReader read(payload);
  const auto image = read.image<std::array<std::uint64_t, 3>>();
  out = {.from_seq = image[0], .to_seq = image[1], .ended_count = image[2]};
  return read.good();
}

bool read_own_facts(std::string_view payload, RequestFacts& out) {
  PayloadReader read(payload);
  const auto image = read.image<EndedImage>();
  if (!read.good() || (image.flags & OwnFacts) == 0) return false;
  const auto facts = read.image<FactsImage>();
  if (read.good()) get_facts(facts, read, out);
  return read.good();
}

bool read_ended(std::string_view payload, Ended& out) {
  PayloadReader read(payload);
  const auto image = read.image<EndedImage>();
  if (!read.good() || !out.facts) return false;
  const auto has = [&image](EndedFlag flag) { return (image.flags & flag) != 0; };
  read.choice(image.outcome, Outcome::Lost, out.outcome);
  out.http_status = image.http_status;
  out.duration = Micros(image.duration);
  out.ttft = has(HasTtft) ? std::optional(Micros(image.ttft)) : std::nullopt;
  out.overhead = Micros(image.overhead);
  out.response_bytes = image.response_bytes;
  out.usage = {.input_tokens = image.tokens[0],
               .output_tokens = image.tokens[1],
               .cache_read_tokens = image.tokens[2],
               .cache_creation_tokens = image.tokens[3],
               .reasoning_tokens = image.tokens[4],
               .input_estimated = has(InputEstimated),
               .output_estimated = has(OutputEstimated)};
  out.tool_call_count = image.tool_call_count;
  out.answered_as_asked = has(AnsweredAsAsked);
  out.model_mismatch = has(ModelMismatch);
  if (has(OwnFacts)) {
    RequestFacts passed;  // they stand before the rest
    const auto facts = read.image<FactsImage>();
    if (read.good()) get_facts(facts, read, passed);
  }
  if (image.attempts > Caps::Attempts) read.fail();
  out.attempts.resize(read.good() ? image.attempts : 0);
  for (Attempt& attempt : out.attempts) get_attempt(read, *out.facts, attempt);
  read.text(image.error_type, out.error_type);
  read.text(image.error_message, out.error_message);
  read.text(image.finish_reason, out.finish_reason);
  read.text(image.answered_name, out.answered_name);
  return read.good();
}

}  // namespace vdm::proxy
