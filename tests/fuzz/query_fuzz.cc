// What a request to the metrics service may ask: its query and its path, as the router and the
// pages read them. An answer that refuses is a 4xx, and nothing is decoded into more than it was.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "common/http/router.h"
#include "metrics-service/filter/glob.h"
#include "metrics-service/serve/report/logs.h"

namespace {

using namespace vdm;

void require(bool holds) {
  if (!holds) std::abort();
}

const http::Router& routes() {
  static const http::Router router = [] {
    http::Router made;
    const http::Handler none;
    made.get("/", none).get("/metrics/logs", none).post("/metrics/requests/{id}/cancel", none);
    made.get("/dashboard/{file...}", none).get("/a/{one}/b/{two}", none);
    return made;
  }();
  return router;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t PairsMax = 64;
  if (auto pairs = http::parse_query(text, PairsMax)) {
    require(pairs->size() <= PairsMax);
    std::size_t decoded = 0;
    for (const auto& [name, value] : *pairs) decoded += name.size() + value.size();
    require(decoded <= text.size());
    http::Request request;
    request.query = std::move(*pairs);
    const auto query = metrics::parse_logs_query(request);
    if (const auto* refused = std::get_if<http::Reply>(&query)) {
      require(refused->head.status >= 400 && refused->head.status < 500);
    }
  } else {
    require(!pairs.error().message.empty() && pairs.error().message.size() < 512);
  }
  for (const std::string_view method : {"GET", "POST"}) {
    std::size_t decoded = 0;
    for (const auto& [name, value] : routes().find(method, text).segments) decoded += value.size();
    require(decoded <= text.size());
  }
  const auto middle = text.size() / 2;
  (void)metrics::matches_glob(text.substr(0, middle), text.substr(middle));
  require(text.empty() || metrics::matches_glob("*", text));
  return 0;
}
