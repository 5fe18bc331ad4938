#include "common/base/sse.h"

#include <algorithm>
#include <cstring>

namespace vdm {
namespace {

constexpr std::string_view ByteOrderMark = "\xEF\xBB\xBF";

/// Takes one line off the front of `text`, with its CR, LF or CRLF.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(line_end(text), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  if (text.starts_with("\r\n")) {
    text.remove_prefix(2);
  } else if (!text.empty()) {
    text.remove_prefix(1);
  }
  return line;
}

void append_line_safe(std::string_view text, std::string& out) {
  for (const char c : text) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

}  // namespace

SseFields read_sse_event(std::string_view event, std::string& joined) {
  SseFields fields;
  if (event.starts_with(ByteOrderMark)) event.remove_prefix(ByteOrderMark.size());
  while (!event.empty()) {
    const std::string_view line = take_line(event);
    const auto colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);

    if (field == "event") {
      fields.name = value;
    } else if (field == "id") {
      fields.id = value;
    } else if (field == "data" && !fields.has_data) {
      fields.data = value;
      fields.has_data = true;
    } else if (field == "data") {
      if (fields.data.data() != joined.data()) joined.assign(fields.data);
      joined.append("\n").append(value);
      fields.data = joined;
    }
  }
  return fields;
}

Error SseFramer::too_large() const {
  return Error{ErrorKind::TooLarge,
               "event: expected at most " + std::to_string(event_bytes_max_) + " bytes"};
}

Result<std::size_t> SseFramer::whole(std::string_view buffer) {
  std::size_t total = 0;
  for (;;) {
    const auto size = next(buffer.substr(total));
    if (!size) return size.error();
    if (*size == 0) return total;
    total += *size;
  }
}

Result<void> SseSplitter::push(std::string_view bytes, std::vector<SseEvent>& events) {
  // The splitter copies an event only when the event arrives in several pieces.
  const bool continued = !rest_.empty();
  if (continued) {
    rest_.append(bytes);
    bytes = rest_;
  }
  std::string joined;
  std::size_t done = 0;
  for (;;) {
    const auto size = framer_.next(bytes.substr(done));
    if (!size) return size.error();
    if (*size == 0) break;
    const SseFields fields = read_sse_event(bytes.substr(done, *size), joined);
    if (fields.has_data) {
      events.push_back(
          {std::string(fields.name), std::string(fields.data), std::string(fields.id)});
    }
    done += *size;
  }
  if (continued) {
    rest_.erase(0, done);
  } else {
    rest_.assign(bytes.substr(done));
  }
  return {};
}

std::string sse_event(std::string_view name, std::string_view data, std::string_view id) {
  std::string out;
  out.reserve(name.size() + data.size() + id.size() + 32);
  if (!id.empty()) {
    out.append("id: ");
    append_line_safe(id, out);
    out.append("\n");
  }
  if (!name.empty()) {
    out.append("event: ");
    append_line_safe(name, out);
    out.append("\n");
  }
  for (bool more = true; more;) {
    more = line_end(data) != std::string_view::npos;
    out.append("data: ").append(take_line(data)).append("\n");
  }
  return out.append("\n");
}

}  // namespace vdm
