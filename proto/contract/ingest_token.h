#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm {

/// The token that a proxy shows when it opens its Report stream, as metadata
/// `authorization: Bearer <token>`, and the file that both services keep tokens in. Pure. Thread:
/// any.

/// gRPC's key of the metadata.
inline constexpr char AuthorizationKey[] = "authorization";

struct IngestTokenLimits {
  static constexpr std::size_t Least = 16;  ///< characters; fewer could be guessed
  static constexpr std::size_t Most = 256;
  static constexpr std::size_t Tokens = 16;  ///< in one file
  static constexpr std::size_t FileBytes = 16 * 1024;
};

/// What is_ingest_token() accepts, for errors.
inline constexpr std::string_view IngestTokenExpected = "16 to 256 visible ASCII characters";
bool is_ingest_token(std::string_view text);

/// A file has one token a line; empty lines and those that begin with '#' say nothing. A proxy
/// shows the first token, the service takes every one: with the new token above the old one, both
/// hold. An error names the line and never what it holds; a file without a token is one.
Result<std::vector<Secret>> parse_ingest_tokens(std::string_view text);
/// The text of a new file.
std::string ingest_token_file(const Secret& token);

/// The metadata's value, and the token in it.
std::string authorization_of(const Secret& token);
std::optional<std::string_view> token_in(std::string_view authorization);

}  // namespace vdm
