#include "common/http/router.h"

#include <algorithm>

#include "common/base/percent.h"

namespace vdm::http {
namespace {

/// "/a/b" -> {"a", "b"}; "/a/" -> {"a", ""}: a trailing slash is another path.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  if (path.empty() || path.front() != '/') return parts;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

bool is_variable(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

}  // namespace

Router& Router::add(std::string method, std::string_view path, Handler handler) {
  Route route;
  route.method = std::move(method);
  route.handler = std::move(handler);
  for (const auto part : parts_of(path)) route.parts.emplace_back(part);
  if (!route.parts.empty() && route.parts.back() == "*") {
    route.parts.pop_back();
    route.open_ended = true;
  }
  routes_.push_back(std::move(route));
  return *this;
}

Router& Router::get(std::string_view path, Handler handler) {
  return add("GET", path, std::move(handler));
}

Router& Router::post(std::string_view path, Handler handler) {
  return add("POST", path, std::move(handler));
}

bool Router::matches(const Route& route, const std::vector<std::string_view>& parts,
                     Request::Pairs& segments) {
  const bool long_enough =
      route.open_ended ? parts.size() > route.parts.size() : parts.size() == route.parts.size();
  if (!long_enough) return false;

  segments.clear();
  for (std::size_t i = 0; i < route.parts.size(); ++i) {
    const std::string& wanted = route.parts[i];
    if (!is_variable(wanted)) {
      if (wanted != parts[i]) return false;
      continue;
    }
    auto value = percent_decoded(parts[i]);
    if (!value || value->empty()) return false;
    segments.emplace_back(wanted.substr(1, wanted.size() - 2), std::move(*value));
  }
  return true;
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  const auto parts = parts_of(path);
  const std::string_view served_as = method == "HEAD" ? std::string_view("GET") : method;

  Match match;
  std::vector<std::string> methods;
  for (const Route& route : routes_) {
    Request::Pairs segments;
    if (parts.empty() || !matches(route, parts, segments)) continue;
    if (route.method == served_as) {
      match.handler = &route.handler;
      match.segments = std::move(segments);
      match.allow.clear();
      return match;
    }
    methods.push_back(route.method);
    if (route.method == "GET") methods.emplace_back("HEAD");
  }

  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  for (const std::string& known : methods) {
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += known;
  }
  return match;
}

}  // namespace vdm::http
