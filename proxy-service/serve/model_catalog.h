#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/serve/client.h"

namespace vdm::proxy {

/// GET /v1/models: what a provider offers, asked of it and kept for a short time;
/// in the client's format, whatever the provider's. Thread: its IoThread.
class ModelCatalog {
 public:
  static constexpr std::chrono::seconds Kept{60};
  static constexpr std::size_t BytesMax = 8 * 1024 * 1024;

  explicit ModelCatalog(std::size_t providers) : kept_(providers) {}

  /// `query`: provider, format (anthropic, openai, raw), refresh.
  Task<Answer> answer(Client& client, Dialect dialect, const std::string& query,
                      const Secret& client_key, const ReplyTerms& terms);

 private:
  struct Copy {
    std::string body;
    MonotonicTime until{};
  };

  Task<Result<std::string>> fetch(Client& client, std::size_t provider, const Secret& client_key);

  std::vector<Copy> kept_;
};

}  // namespace vdm::proxy
