#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

namespace vdm {

/// What went wrong, as far as a caller can act on it.
enum class ErrorKind {
  InvalidRequest,    ///< the client's request cannot be understood
  Unauthorized,      ///< no key, or not ours
  Forbidden,         ///< known, but not allowed
  NotFound,          ///< no such path or thing
  UnknownModel,      ///< no provider serves this model name
  TooLarge,          ///< a limit on size was reached
  ClientGone,        ///< the client closed its connection
  UpstreamRejected,  ///< the provider refused or broke
  UpstreamTimeout,   ///< the provider took too long
  Overloaded,        ///< one of our own limits is reached
  Internal,          ///< our fault
};

/// A refusal that travels as a value. The message says what was expected and
/// what came, names the field, and never holds a key or a prompt.
struct Error {
  ErrorKind kind;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Result's value() on an error: a programming mistake, reported as such.
[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  (void)error;
  std::abort();  // check a Result before its value is taken
}

/// The status each kind of error answers with. The only such table there is.
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
    case ErrorKind::Overloaded:
      return 503;
    case ErrorKind::Internal:
      return 500;
  }
  std::abort();  // every kind is listed above; -Wswitch keeps it so
}

}  // namespace vdm
