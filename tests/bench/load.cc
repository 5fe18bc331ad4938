#include "tests/bench/load.h"

#include <algorithm>

#include "proxy-service/http1/head_writer.h"
#include "tests/bench/process.h"

namespace vdm::bench {
namespace {

constexpr std::size_t ReadBufferBytes = 64 * 1024;

Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

Answer expected_from(const LoadOptions& options) {
  if (!options.stream && !options.hold) return Answer::Json;
  return options.anthropic ? Answer::MessagesStream : Answer::ChatStream;
}

std::string target_of(const LoadOptions& options) {
  if (!options.path.empty()) return options.path;
  return options.anthropic ? "/v1/messages" : "/v1/chat/completions";
}

std::string request_body(const LoadOptions& options) {
  const bool streamed = expected_from(options) != Answer::Json;
  std::string body = "{\"model\":\"" + options.model + "\",\"stream\":";
  body += streamed ? "true" : "false";
  // An OpenAI provider reports the usage of a stream only on request.
  if (streamed && !options.anthropic) body += ",\"stream_options\":{\"include_usage\":true}";
  body += ",\"max_tokens\":256,\"messages\":[{\"role\":\"user\",\"content\":\"";
  const std::string_view end = "\"}]}";
  const std::string_view words = "The quick brown fox jumps over the lazy dog, \\\"again\\\".\\n ";
  while (body.size() + words.size() + end.size() <= options.body_bytes) body += words;
  if (body.size() + end.size() < options.body_bytes) {
    body.append(options.body_bytes - body.size() - end.size(), 'x');
  }
  return body.append(end);
}

}  // namespace

std::string request_text(const LoadOptions& options) {
  const std::string body = request_body(options);
  std::string request;
  http1::HeadWriter head(request);
  head.request_line("POST", target_of(options))
      .field("Host", "127.0.0.1:" + std::to_string(options.port))
      .field("Accept-Encoding", "identity")
      .field("Connection", "keep-alive")
      .field("Accept", "application/json")
      .field("Content-Type", "application/json")
      .field("User-Agent", options.anthropic ? "Anthropic/Python 0.39.0" : "OpenAI/Python 1.54.0");
  // The fields that both published SDKs send, and further ones of one SDK.
  head.field("X-Stainless-Lang", "python")
      .field("X-Stainless-Package-Version", options.anthropic ? "0.39.0" : "1.54.0")
      .field("X-Stainless-OS", "Linux")
      .field("X-Stainless-Arch", "x64")
      .field("X-Stainless-Runtime", "CPython")
      .field("X-Stainless-Runtime-Version", "3.11.2")
      .field("X-Stainless-Async", "false");
  if (options.anthropic) {
    head.field("X-Api-Key", "not-a-key").field("Anthropic-Version", "2023-06-01");
  } else {
    head.field("Authorization", "Bearer not-a-key");
  }
  head.field("Content-Length", body.size());
  head.end();
  return request + body;
}

Load::Load(const LoadOptions& options)
    : options_(options), request_(request_text(options)), read_buffer_(ReadBufferBytes) {
  const Answer expected = expected_from(options);
  const auto refusal =
      options.takes_refusals ? LoadConnection::Refusal::Answer : LoadConnection::Refusal::Failure;
  for (std::size_t i = 0; i < options.connections; ++i) {
    idle_.push_back(&connections_.emplace_back(poll_, recorder_, options.port, expected, refusal));
  }
  if (options.rate > 0) interval_ = seconds(1 / options.rate);
}

LoadResult Load::run() {
  LoadResult result;
  result.resident_before = resident_bytes(options_.watch);
  next_due_ = Clock::now();
  if (options_.hold) {
    open_streams(Clock::now() + seconds(options_.warm_up_seconds + options_.seconds));
    result.open_streams = static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(),
                      [](const auto& connection) { return connection.has_first_byte(); }));
    result.resident_after = resident_bytes(options_.watch);
    result.seen = std::move(recorder_);
    return result;
  }
  run_until(Clock::now() + seconds(options_.warm_up_seconds));
  const Recorder warm_up = std::exchange(recorder_, {});
  const Time begin = Clock::now();
  const auto cpu_before = cpu_used(options_.watch);
  run_until(begin + seconds(options_.seconds));
  const auto cpu = cpu_used(options_.watch) - cpu_before;

  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  result.resident_after = resident_bytes(options_.watch);
  result.seen = std::move(recorder_);
  if (result.seen.failed == 0 && warm_up.failed != 0) result.seen.fail(warm_up.first_failure);
  if (result.seen.finished > 0) {
    result.cpu_us_per_request =
        static_cast<double>(cpu.count()) / 1000 / static_cast<double>(result.seen.finished);
  }
  return result;
}

void Load::run_until(Time end) {
  for (Time now = Clock::now(); now < end; now = Clock::now()) {
    send_due(now);
    const bool waits_for_due = interval_.count() > 0 && !idle_.empty();
    for (const epoll_event& event : poll_.wait(waits_for_due ? std::min(next_due_, end) : end)) {
      answer(*static_cast<LoadConnection*>(event.data.ptr));
    }
  }
}

void Load::send_due(Time now) {
  while (!idle_.empty() && (interval_.count() == 0 || next_due_ <= now)) {
    LoadConnection& connection = *idle_.back();
    idle_.pop_back();
    // At a fixed rate a request's time starts when it was due, even if it had to wait for a
    // connection, so that a stalled gateway cannot hide its stall.
    connection.send(request_, interval_.count() == 0 ? Clock::now() : next_due_);
    next_due_ += interval_;
    if (connection.idle()) {
      idle_.push_back(&connection);
      return;  // the connection was refused: run() checks the time before it tries again
    }
  }
}

void Load::answer(LoadConnection& connection) {
  if (connection.ready(read_buffer_) && connection.idle()) idle_.push_back(&connection);
}

void Load::open_streams(Time end) {
  while (!idle_.empty() && Clock::now() < end) {
    LoadConnection& connection = *idle_.back();
    idle_.pop_back();
    connection.send(request_, Clock::now());
    // Streams open one after the other, since real clients do not all connect at once.
    while (!connection.has_first_byte() && !connection.idle() && Clock::now() < end) {
      for (const epoll_event& event : poll_.wait(end)) {
        static_cast<LoadConnection*>(event.data.ptr)->ready(read_buffer_);
      }
    }
    if (recorder_.failed > 0) return;
  }
}

}  // namespace vdm::bench
