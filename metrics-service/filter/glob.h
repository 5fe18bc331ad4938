#pragma once

#include <string_view>

namespace vdm::metrics {

/// Whether all of `text` is what `pattern` says: `*` any run, `?` one byte, nothing else is
/// special; without regard to ASCII case. An empty pattern matches nothing. Pure; linear
/// but for one point of return, so that no pattern is slow.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace vdm::metrics
