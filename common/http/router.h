#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/message.h"

namespace vdm::http {

/// A flat table from method and path to handler. The router searches it from top to bottom and
/// takes the first match. A path is "/metrics/active-requests/{id}/cancel" ({name} takes exactly
/// one segment, decoded) or ends in "/*" (anything below, not decoded). The GET route also serves
/// HEAD. Add all routes before the server starts. Thread: any, once built.
class Router {
 public:
  Router& add(std::string method, std::string_view path, Handler handler);
  Router& get(std::string_view path, Handler handler);
  Router& post(std::string_view path, Handler handler);

  struct Match {
    const Handler* handler = nullptr;  ///< nullptr: 405 when `allow` lists methods, else 404
    Request::Pairs segments;
    std::string allow;  ///< "GET, HEAD, POST" when the path is known but the method is not
  };
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> parts;
    bool open_ended = false;
    Handler handler;
  };
  static bool matches(const Route& route, const std::vector<std::string_view>& parts,
                      Request::Pairs& segments);

  std::vector<Route> routes_;
};

}  // namespace vdm::http
