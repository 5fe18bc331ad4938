#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy-service/body/splice.h"
#include "proxy-service/config/config.h"
#include "proxy-service/convert/json/thinned_json.h"
#include "proxy-service/convert/request_options.h"
#include "proxy-service/convert/tool_names.h"
#include "proxy-service/net/buffer_sequence.h"
#include "proxy-service/routing/model_route.h"
#include "proxy-service/worker/body_buffer.h"
#include "proxy-service/worker/facts_cache.h"
#include "proxy-service/worker/learned_facts.h"

namespace vdm::proxy {

/// What a request's preparation may ask about its target.
class TargetFacts {
 public:
  TargetFacts(FactsCache& known, const LearnedFacts& learned, std::string_view provider,
              MonotonicTime now, Adapt adapt)
      : known_(known), learned_(learned), provider_(provider), now_(now), adapt_(adapt) {}

  /// The facts of the model at the provider, with what its refusals taught.
  ModelFacts of(const Target& target) const;
  /// The header that keeps a session at one of the provider's servers; empty: it has none.
  std::string_view session_header(const Target& target) const;
  /// The members to leave out of a client's own bytes; none unless the configuration asks for it.
  std::vector<std::string> refused(const Target& target) const;

 private:
  const ModelFacts& known(const Target& target) const;

  FactsCache& known_;
  const LearnedFacts& learned_;
  std::string_view provider_;
  MonotonicTime now_;
  Adapt adapt_;
};

/// A client's request as one target reads it. When both speak the same dialect it is the client's
/// own bytes with the model's name replaced, else it is converted. The exchange prepares it again
/// for each target. The budget of all bodies counts what it holds. Thread: its IoThread, but for
/// rewrite().
class PreparedRequest {
 public:
  explicit PreparedRequest(BodyBudget& budget) : charge_(budget) {}

  enum class Step : std::uint8_t { Done, Rewrite };
  /// `body` must not change while this is sent. Rewrite: only rewrite() makes it ready.
  Step begin(std::string_view body, const RequestScan& scan, Dialect client, const Target& target,
             const TargetFacts& facts);
  /// Parses the body and writes it anew. An error is InvalidRequest and names the client's field,
  /// TooLarge, or Overloaded when all bodies together leave no room. Thread: any, while nothing
  /// else touches this.
  Result<void> rewrite();

  void add_to(BufferSequence& buffers) const;
  std::size_t size() const { return spliced_ ? spliced_->size() : text_.size(); }
  bool converted() const { return converted_; }
  /// Whether the proxy wrote any of it, so that it may leave some of it out.
  bool is_ours() const { return converted_ || asks_usage_; }
  /// All of its text.
  std::string text() const;
  /// The client's names of the tools in the answer.
  const ToolNames& tool_names() const { return tool_names_; }
  /// Tokens, for an Anthropic client's first event; 0 when nothing was converted.
  std::uint64_t input_estimate() const { return input_estimate_; }
  /// Frees the converted text once nothing will be sent again.
  void release();

 private:
  Result<void> leave_out(const ThinnedJson& body);
  Result<void> convert(const ThinnedJson& body);

  /// What rewrite() works on.
  struct Rewriting {
    std::string_view body{};
    Dialect client = Dialect::Anthropic;
    RequestOptions options{};
    std::vector<std::string> left_out{};  ///< members of the client's own request
  };

  BodyCharge charge_;
  std::optional<Rewriting> rewriting_;
  std::optional<SplicedBody> spliced_;
  std::string text_;
  ToolNames tool_names_;
  std::uint64_t input_estimate_ = 0;
  bool converted_ = false;
  bool asks_usage_ = false;  ///< the client's own bytes, with a member added
};

}  // namespace vdm::proxy
