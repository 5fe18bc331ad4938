#pragma once

#include <string_view>

namespace vdm::metrics {

/// Whether `pattern` matches all of `text`: `*` is any run of bytes, `?` is one byte, nothing else
/// is special, and ASCII case is ignored. An empty pattern matches nothing. Pure. It backtracks to
/// the last star only, so that no pattern costs more than the product of both lengths.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace vdm::metrics
