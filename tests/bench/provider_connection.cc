#include "tests/bench/provider_connection.h"

#include <algorithm>
#include <cstdio>

#include "proxy-service/http1/head_writer.h"

namespace vdm::bench {
namespace {

// How many bytes at a body's beginning and end the provider examines.
constexpr std::size_t BodyEndsMax = 512;

std::string chunk(const std::string& payload) {
  return std::string(http1::ChunkLine(payload.size()).text()) + payload +
         std::string(http1::ChunkEnd);
}

std::string event(const std::string& delta, const std::string& finish, const std::string& usage) {
  return "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
         "\"created\":1700000000,\"model\":\"bench-chat\",\"choices\":[{\"index\":0,\"delta\":" +
         delta + ",\"finish_reason\":" + finish + "}]" + usage + "}\n\n";
}

std::string whole_answer(std::size_t bytes) {
  const std::string begin =
      "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,"
      "\"model\":\"bench-chat\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
      "\"content\":\"";
  const std::string end =
      "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":512,"
      "\"completion_tokens\":256,\"total_tokens\":768}}";
  std::string body = begin;
  const std::string_view words = "and so it goes on, ";
  while (body.size() + words.size() + end.size() <= bytes) body += words;
  return body + end;
}

}  // namespace

Answers::Answers(const AnswerOptions& given) : options(given) {
  const std::string body = whole_answer(options.json_bytes);
  http1::HeadWriter head(whole);
  head.status_line(200)
      .field("date", "Tue, 14 Nov 2023 22:13:20 GMT")
      .field("content-type", "application/json")
      .field("content-length", body.size())
      .field("x-request-id", "req_bench")
      .field("openai-processing-ms", "12")
      .field("server", "bench");
  head.end();
  whole += body;

  event = chunk(bench::event("{\"content\":\"word \"}", "null", ""));
  http1::HeadWriter stream_head(stream_begin);
  stream_head.status_line(200)
      .field("date", "Tue, 14 Nov 2023 22:13:20 GMT")
      .field("content-type", "text/event-stream; charset=utf-8")
      .field("cache-control", "no-cache")
      .field("transfer-encoding", "chunked")
      .field("x-request-id", "req_bench");
  stream_head.end();
  stream_begin += chunk(bench::event("{\"role\":\"assistant\",\"content\":\"Once \"}", "null", ""));
  stream_end = chunk(bench::event("{}", "\"stop\"",
                                  ",\"usage\":{\"prompt_tokens\":512,\"completion_tokens\":50,"
                                  "\"total_tokens\":562}") +
                     "data: [DONE]\n\n") +
               std::string(http1::LastChunk);
  at_once = stream_begin;
  for (std::size_t i = 2; i < options.events; ++i) at_once += event;
  at_once += stream_end;
}

void ProviderConnection::open(Fd fd) {
  fd_ = std::move(fd);
  in_body_ = false;
  due_.reset();
  head_.clear();
  head_bytes_.clear();
  unsent_.clear();
}

void ProviderConnection::ready(std::span<char> scratch) {
  if (!unsent_.empty()) flush();
  while (is_open()) {
    std::size_t size = 0;
    switch (receive_some(fd_, scratch, size)) {
      case Received::WouldBlock:
        return;
      case Received::Closed:
        return close();
      case Received::Bytes:
        take({scratch.data(), size});
        if (size < scratch.size()) return;
    }
  }
}

void ProviderConnection::take(std::string_view bytes) {
  while (!bytes.empty() && is_open()) {
    if (!in_body_ && !take_head(bytes)) return;
    while (!bytes.empty() && body_.reading()) {
      note_body(body_.next(bytes));
    }
    if (body_.refused()) return close();
    if (!body_.done()) return;
    in_body_ = false;
    answer();
    head_.clear();
  }
}

bool ProviderConnection::take_head(std::string_view& bytes) {
  std::string_view received = bytes;
  if (!head_bytes_.empty()) received = head_bytes_.append(bytes);
  switch (head_.read(received)) {
    case http1::Progress::NeedMore:
      if (head_bytes_.empty()) head_bytes_.assign(bytes);
      return false;
    case http1::Progress::Refused:
      std::fprintf(stderr, "provider: refused: %.*s\n",
                   static_cast<int>(head_.refusal().reason.size()), head_.refusal().reason.data());
      close();
      return false;
    case http1::Progress::Complete:
      break;
  }
  body_ = http1::BodyDecoder::of(head_);
  bytes.remove_prefix(bytes.size() - (received.size() - head_.bytes()));
  head_bytes_.clear();
  body_begin_.clear();
  body_end_.clear();
  in_body_ = true;
  return true;
}

void ProviderConnection::note_body(std::string_view payload) {
  body_begin_.append(payload.substr(0, BodyEndsMax - body_begin_.size()));
  if (payload.size() > BodyEndsMax) payload.remove_prefix(payload.size() - BodyEndsMax);
  body_end_.append(payload);
  if (body_end_.size() > BodyEndsMax) body_end_.erase(0, body_end_.size() - BodyEndsMax);
}

bool ProviderConnection::asks_for(std::string_view text) const {
  return body_begin_.find(text) != std::string::npos || body_end_.find(text) != std::string::npos;
}

void ProviderConnection::answer() {
  if (!asks_for("\"stream\":true")) return say(answers_.whole);
  is_slow_ = asks_for("bench-slow");
  if (!is_slow_ && answers_.options.gap.count() == 0) return say(answers_.at_once);
  say(answers_.stream_begin);
  // The head carries the first event, and the end carries the last.
  events_left_ = answers_.options.events - 1;
  due_ = Clock::now() + (is_slow_ ? answers_.options.slow_gap : answers_.options.gap);
}

void ProviderConnection::send_due(Time now) {
  if (!due_) return;
  if (is_slow_) {
    due_ = now + answers_.options.slow_gap;
    return say(answers_.event);
  }
  due_ = *due_ + answers_.options.gap;
  if (--events_left_ > 0) return say(answers_.event);
  due_.reset();
  say(answers_.stream_end);
}

void ProviderConnection::say(std::string_view text) {
  if (unsent_.empty() && !send_some(fd_, text)) return close();
  unsent_.append(text);
}

void ProviderConnection::flush() {
  std::string_view text = unsent_;
  if (!send_some(fd_, text)) return close();
  unsent_.erase(0, unsent_.size() - text.size());
}

void ProviderConnection::close() { fd_.close(); }

}  // namespace vdm::bench
