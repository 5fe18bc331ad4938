#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/contract/event.h"
#include "tests/fakes/peer.h"

namespace vdm::proxy {

/// Clients and providers of either dialect, and what each of them calls an answer, an
/// error and an end. Read by hand or by Boost.JSON, never by the code that is tested.

enum class Shape : std::uint8_t { Whole, Stream };

struct Pair {
  Dialect client = Dialect::Anthropic;
  Dialect upstream = Dialect::Anthropic;
  Shape shape = Shape::Whole;

  bool converts() const { return client != upstream; }
  bool streams() const { return shape == Shape::Stream; }
};

/// "AnthropicFromOpenAiStream".
std::string name_of(const Pair& pair);
std::vector<Pair> all_pairs();
std::vector<Pair> converting_pairs();

/// A completion request, sent to the provider of that dialect: `anth` or `open`.
std::string ask(const Pair& pair);
/// The same for a model by whatever name.
std::string ask(const Pair& pair, std::string_view model);

/// A whole answer of a provider that says "Hello there" and calls the tool `look` once,
/// for 9 tokens in and 5 out.
std::string good_answer(Dialect upstream);
/// The same as a stream of events.
std::string good_stream(Dialect upstream);
/// Its beginning, up to "Hello".
std::string stream_begin(Dialect upstream);
/// The HTTP answer with either.
std::string good(Dialect upstream, Shape shape);

/// An error as a provider of that dialect says it.
std::string error_said(Dialect upstream, std::string_view type, std::string_view message);
/// The same as an event of its stream.
std::string error_event_said(Dialect upstream, std::string_view type, std::string_view message);

/// A stream as a client reads it.
struct ClientEvent {
  std::string name;
  std::string data;
};
std::vector<ClientEvent> events_of(std::string_view stream);

/// The type of an error body of that dialect; "" when it is not one.
std::string error_type_in(Dialect client, std::string_view body);
/// How many error events there are.
std::size_t errors_in(Dialect client, std::string_view stream);
/// Whether all its events are JSON, but for OpenAI's last word.
bool is_sound(std::string_view stream);
/// Whether the stream says that it is whole, last of all.
bool ends_well(Dialect client, std::string_view stream);
/// Whether it says so anywhere.
bool says_end(Dialect client, std::string_view stream);

/// What a whole answer or a stream comes to for its client.
struct Said {
  std::string text;
  std::string tool;
  std::string arguments;
  std::string reason;
  std::int64_t input = 0;
  std::int64_t output = 0;
};
Said reported_in(const Pair& pair, std::string_view body);

/// The answer with what is never the same twice made the same.
std::string without_ids(std::string body);

}  // namespace vdm::proxy
