#include "proxy-service/body/splice.h"

#include "proxy-service/body/json_text.h"

namespace vdm::proxy {
namespace {

/// A part of the body, and the text that replaces it.
struct Replacement {
  ByteRange range;
  std::string_view text;
};

/// The replacement that asks a provider of the OpenAI dialect for usage at a stream's end.
Replacement ask_for_usage(std::string_view body, const RequestScan& scan) {
  if (scan.include_usage_value) return {*scan.include_usage_value, "true"};
  if (!scan.stream_options) {
    return {{scan.object_begin, 0}, R"("stream_options":{"include_usage":true},)"};
  }
  const ByteRange options = *scan.stream_options;
  if (body[options.begin] != '{') return {options, R"({"include_usage":true})"};
  return {{options.begin + 1, 0},
          scan.stream_options_empty ? R"("include_usage":true)" : R"("include_usage":true,)"};
}

}  // namespace

SplicedBody::SplicedBody(std::string_view body, const RequestScan& scan, std::string_view model,
                         Usage usage) {
  std::array<Replacement, 2> replacements;
  std::size_t count = 0;
  if (model != scan.model) {
    append_quoted(model, model_token_);
    replacements[count++] = {scan.model_token, model_token_};
  }
  if (usage == Usage::AskFor && !scan.include_usage) {
    replacements[count++] = ask_for_usage(body, scan);
  }
  if (count == 2 && replacements[1].range.begin < replacements[0].range.begin) {
    std::swap(replacements[0], replacements[1]);
  }

  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [range, text] = replacements[i];
    add(body.substr(at, range.begin - at));
    add(text);
    at = range.begin + range.size;
  }
  add(body.substr(at));
}

std::size_t SplicedBody::size() const {
  std::size_t total = 0;
  for (const std::string_view piece : pieces()) total += piece.size();
  return total;
}

void SplicedBody::add(std::string_view piece) {
  if (!piece.empty()) pieces_[count_++] = piece;
}

}  // namespace vdm::proxy
