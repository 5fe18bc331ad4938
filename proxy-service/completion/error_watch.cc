#include "proxy-service/completion/error_watch.h"

#include <algorithm>

#include "common/base/text.h"

namespace vdm::proxy {

/// As JSON's member; elsewhere "error" and "Error".
std::string_view ErrorWatch::word_in(std::string_view content_type) {
  const std::string type = lower(content_type);
  if (contains(type, "json")) return "\"error\"";
  return type.empty() || type.starts_with("text/") ? "rror" : "";
}

bool ErrorWatch::tells_error(std::string_view piece) {
  if (word_.empty()) return false;
  if (contains(piece, word_)) return true;
  const std::size_t cut = word_.size() - 1;
  seam_.append(piece.substr(0, cut));
  if (contains(seam_, word_)) return true;
  if (piece.size() >= cut) seam_.assign(piece.substr(piece.size() - cut));
  if (seam_.size() > cut) seam_.erase(0, seam_.size() - cut);
  return false;
}

std::span<char> ErrorWatch::pass(std::span<char> piece, bool last) {
  error_told_ = error_told_ || tells_error({piece.data(), piece.size()});
  if (!error_told_) return piece;
  ahead_.erase(0, passed_);
  ahead_.append(piece.data(), piece.size());
  const std::size_t held =
      keys_.blot_out(ahead_, last ? OwnKeys::Rest::None : OwnKeys::Rest::Follows);
  passed_ = ahead_.size() - held;
  return {ahead_.data(), passed_};
}

}  // namespace vdm::proxy
