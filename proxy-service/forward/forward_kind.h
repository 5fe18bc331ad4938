#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace vdm::proxy {

/// What a route asks for that is passed on whole.
enum class ForwardKind : std::uint8_t {
  Embeddings,
  Completions,
  Moderations,
  Images,
  Audio,
  Rerank,
  Files,
  Batches,
  MessageBatches,
};

/// As reports name it: RequestFacts::kind.
constexpr std::string_view word_of(ForwardKind kind) {
  switch (kind) {
    case ForwardKind::Embeddings:
      return "embeddings";
    case ForwardKind::Completions:
      return "completions";
    case ForwardKind::Moderations:
      return "moderations";
    case ForwardKind::Images:
      return "images";
    case ForwardKind::Audio:
      return "audio";
    case ForwardKind::Rerank:
      return "rerank";
    case ForwardKind::Files:
      return "files";
    case ForwardKind::Batches:
      return "batches";
    case ForwardKind::MessageBatches:
      return "message_batches";
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

/// Whether it asks about things that the provider stores, under the key that stored them. Such a
/// request names no model, and its answer no usage that would not be told again when it is asked
/// again.
constexpr bool is_about_stored(ForwardKind kind) {
  return kind == ForwardKind::Files || kind == ForwardKind::Batches ||
         kind == ForwardKind::MessageBatches;
}

}  // namespace vdm::proxy
