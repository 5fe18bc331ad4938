#include "proxy-service/body/request_scan.h"

#include <algorithm>

#include "proxy-service/body/json_text.h"
#include "proxy-service/body/json_walk.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t SessionBytesMax = 128;

Error invalid(std::string message) { return Error{ErrorKind::InvalidRequest, std::move(message)}; }

/// Walks one body and fills `scan` from its members.
class Reader {
 public:
  Reader(std::string_view body, JsonWalk walk, RequestScan& scan)
      : body_(body), walk_(walk), scan_(scan) {}

  Result<void> read() {
    if (walk_.peek() != '{') return invalid("body: expected a JSON object");
    scan_.object_begin = walk_.offset() + 1;
    const bool walked = walk_.object([this](JsonKey key) { return member(key); });
    if (!fault_.empty()) return invalid(fault_);
    if (walk_.too_deep()) {
      return invalid("body: expected JSON of at most " + std::to_string(JsonWalk::depth_max) +
                     " levels");
    }
    if (!walked || !walk_.at_end()) {
      return invalid("body: not valid JSON near byte " + std::to_string(walk_.offset()));
    }
    if (scan_.model_token.size == 0)
      return invalid("model: expected a string, found no such member");
    return {};
  }

  const std::string& user_id() const { return user_id_; }

 private:
  bool refuse(std::string message) {
    fault_ = std::move(message);
    return false;
  }

  /// Reads a member that matters. A name that is written with escapes is the same name.
  bool member(JsonKey key) {
    std::string decoded;
    if (key.text().find('\\') != std::string_view::npos) {
      if (!append_decoded(key.text(), decoded)) return false;
      key = JsonKey(decoded);
    }
    if (key == "model") return model();
    if (key == "stream") return stream();
    if (key == "stream_options") return stream_options();
    if (key == "messages") return walk_.array_or_skip([this] { return message(); });
    if (key == "system") return system();
    if (key == "metadata") return metadata();
    return walk_.skip();
  }

  bool model() {
    if (scan_.model_token.size != 0) return refuse("model: expected once, found twice");
    if (walk_.peek() != '"') return refuse("model: expected a string");
    const std::string_view token = walk_.token();
    scan_.model_token = range_of(token);
    if (!append_decoded(token.substr(1, token.size() - 2), scan_.model)) {
      return refuse("model: expected a JSON string, found a broken escape");
    }
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (scan_.model.empty() || scan_.model.size() > RequestScanner::model_bytes_max ||
        std::ranges::any_of(scan_.model, is_control)) {
      return refuse("model: expected 1 to 512 bytes without control characters");
    }
    return walk_.skip();
  }

  bool stream() {
    if (stream_seen_) return refuse("stream: expected once, found twice");
    stream_seen_ = true;
    const std::string_view token = walk_.token();
    if (token != "true" && token != "false" && token != "null") {
      return refuse("stream: expected true or false");
    }
    scan_.stream = token == "true";
    return walk_.skip();
  }

  bool stream_options() {
    if (scan_.stream_options) return refuse("stream_options: expected once, found twice");
    const std::size_t begin = walk_.offset();
    if (walk_.peek() != '{') {
      if (walk_.token() != "null") return refuse("stream_options: expected an object");
      scan_.stream_options = range_of(walk_.token());
      return walk_.skip();
    }
    scan_.stream_options_empty = true;
    const bool walked = walk_.object([this](JsonKey key) {
      scan_.stream_options_empty = false;
      if (!key_is(key.text(), "include_usage")) return walk_.skip();
      if (scan_.include_usage_value) {
        return refuse("stream_options.include_usage: expected once, found twice");
      }
      const std::string_view token = walk_.token();
      if (token != "true" && token != "false" && token != "null") {
        return refuse("stream_options.include_usage: expected true or false");
      }
      scan_.include_usage_value = range_of(token);
      scan_.include_usage = token == "true";
      return walk_.skip();
    });
    // The end is not needed, because an insertion goes right after the opening brace.
    scan_.stream_options = ByteRange{begin, 1};
    return walked;
  }

  bool system() {
    if (walk_.peek() == '"') ++scan_.message_count;
    return walk_.array_or_skip([this] {
      ++scan_.message_count;
      return walk_.skip();
    });
  }

  bool message() {
    ++scan_.message_count;
    return walk_.object_or_skip([this](JsonKey key) {
      if (key == "content") return walk_.array_or_skip([this] { return block(); });
      if (key == "role") {
        if (walk_.token() == "\"tool\"") ++scan_.tool_result_count;
        return walk_.skip();
      }
      if (key != "tool_calls") return walk_.skip();
      return walk_.array_or_skip([this] {
        ++scan_.tool_use_count;
        return walk_.skip();
      });
    });
  }

  bool block() {
    return walk_.object_or_skip([this](JsonKey key) {
      if (key == "type") {
        const std::string_view type = walk_.token();
        if (type == "\"tool_use\"") ++scan_.tool_use_count;
        if (type == "\"tool_result\"") ++scan_.tool_result_count;
      }
      return walk_.skip();
    });
  }

  bool metadata() {
    return walk_.object_or_skip([this](JsonKey key) {
      if (key != "user_id") return walk_.skip();
      const auto text = walk_.string_or_skip();
      user_id_.clear();
      return !text || append_decoded(*text, user_id_);
    });
  }

  ByteRange range_of(std::string_view token) const {
    return {static_cast<std::size_t>(token.data() - body_.data()), token.size()};
  }

  std::string_view body_;
  JsonWalk walk_;
  RequestScan& scan_;
  std::string fault_;  ///< the first one
  std::string user_id_;
  bool stream_seen_ = false;
};

/// Claude Code puts the session into metadata.user_id: as JSON today ({"session_id":"…"}), earlier
/// as "user_…_account_…_session_…".
std::string session_in(std::string_view user_id, JsonIndexer& indexer) {
  constexpr std::string_view Mark = "_session_";
  std::string session;
  if (user_id.starts_with('{')) {
    JsonWalk walk(user_id, indexer.index(user_id));
    const bool walked = walk.object([&](JsonKey key) {
      if (key != "session_id") return walk.skip();
      session.clear();
      const auto text = walk.string_or_skip();
      return !text || append_decoded(*text, session);
    });
    if (!walked) session.clear();
  } else if (const auto mark = user_id.rfind(Mark); mark != std::string_view::npos) {
    session = user_id.substr(mark + Mark.size());
  }
  if (session.size() > SessionBytesMax) session.resize(SessionBytesMax);
  return session;
}

}  // namespace

Result<RequestScan> RequestScanner::scan(std::string_view body) {
  Result<RequestScan> scan;  // filled in place, and returned without a move
  const auto index = indexer_.index(body);
  Reader reader(body, JsonWalk(body, index), *scan);
  const Result<void> read =
      index.empty() ? invalid("body: expected a JSON object in UTF-8") : reader.read();
  if (!read) {
    scan = read.error();
  } else if (!reader.user_id().empty()) {
    scan->session_id = session_in(reader.user_id(), indexer_);
  }
  return scan;
}

}  // namespace vdm::proxy
