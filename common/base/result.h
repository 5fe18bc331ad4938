#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

namespace vdm {

/// The kinds of error that a caller can tell apart and act on.
enum class ErrorKind {
  InvalidRequest,    ///< the client's request cannot be understood
  Unauthorized,      ///< the client sent no key, or not one of ours
  Forbidden,         ///< the client is known, but not allowed to do this
  NotFound,          ///< the path or the thing it names does not exist
  UnknownModel,      ///< no provider serves this model name
  TooLarge,          ///< something exceeds a limit on its size
  ClientGone,        ///< the client closed its connection
  UpstreamRejected,  ///< the provider refused the request or failed
  UpstreamTimeout,   ///< the provider took too long
  NoAddress,         ///< the provider's name could not be looked up
  Overloaded,        ///< one of our own limits is reached
  Internal,          ///< a mistake in this program
};

/// An error as a value. The message names the field, says what was expected and what was found, and
/// never holds a key or a prompt.
struct Error {
  ErrorKind kind;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Boost calls this when code takes value() of a Result that holds an error: a programming mistake.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  (void)error;
  std::abort();  // the caller must check a Result before it takes the value
}

/// The HTTP status that an answer has for each kind of error. No other place maps kinds to
/// statuses.
constexpr int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidRequest:
      return 400;
    case ErrorKind::Unauthorized:
      return 401;
    case ErrorKind::Forbidden:
      return 403;
    case ErrorKind::NotFound:
      return 404;
    case ErrorKind::UnknownModel:
      return 404;
    case ErrorKind::TooLarge:
      return 413;
    case ErrorKind::ClientGone:
      return 499;
    case ErrorKind::UpstreamRejected:
      return 502;
    case ErrorKind::UpstreamTimeout:
      return 504;
    case ErrorKind::NoAddress:
      return 502;
    case ErrorKind::Overloaded:
      return 503;
    case ErrorKind::Internal:
      return 500;
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

/// The short word for each kind of error in answers' `type` and in reports.
constexpr std::string_view error_word(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidRequest:
      return "invalid_request";
    case ErrorKind::Unauthorized:
      return "unauthorized";
    case ErrorKind::Forbidden:
      return "forbidden";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::UnknownModel:
      return "unknown_model";
    case ErrorKind::TooLarge:
      return "too_large";
    case ErrorKind::ClientGone:
      return "client_gone";
    case ErrorKind::UpstreamRejected:
      return "upstream_error";
    case ErrorKind::UpstreamTimeout:
      return "upstream_timeout";
    case ErrorKind::NoAddress:
      return "dns";
    case ErrorKind::Overloaded:
      return "overloaded";
    case ErrorKind::Internal:
      return "internal";
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

}  // namespace vdm
