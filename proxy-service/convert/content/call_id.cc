#include "proxy-service/convert/content/call_id.h"

#include <cstddef>

#include "common/base/digest.h"

namespace vdm::proxy {
namespace {

constexpr std::size_t Nine = 9;
constexpr std::string_view Alphanumerics =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool has_nine_alphanumerics(std::string_view id) {
  return id.size() == Nine && id.find_first_not_of(Alphanumerics) == std::string_view::npos;
}

}  // namespace

std::string call_id_for(std::string_view id, CallIds wanted) {
  if (wanted == CallIds::Any || has_nine_alphanumerics(id)) return std::string(id);
  const Sha256 digest = sha256(id);
  std::string written;
  for (std::size_t i = 0; i < Nine; ++i) {
    written.push_back(Alphanumerics[digest[i] % Alphanumerics.size()]);
  }
  return written;
}

}  // namespace vdm::proxy
