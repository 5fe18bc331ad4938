#include "proxy-service/worker/facts_cache.h"

#include <gtest/gtest.h>

namespace vdm::proxy::facts_cache_test {
namespace {

TEST(FactsCache, GivesWhatTheTableHas) {
  const FactsTable& table = FactsTable::built_in();
  FactsCache cache(table);

  for (int round = 0; round < 2; ++round) {
    for (const auto door : {DoorDialect::Chat, DoorDialect::Messages}) {
      for (const std::string_view provider : {"openai", "openrouter", "nobody"}) {
        EXPECT_EQ(cache.find(provider, "gpt-5.4", door),
                  table.find(provider, "gpt-5.4", door).facts);
      }
    }
  }
}

TEST(FactsCache, TakesAnotherModelInTheOldestsPlace) {
  const FactsTable& table = FactsTable::built_in();
  FactsCache cache(table);
  const auto facts_of = [&](std::size_t i) {
    const std::string model = i == 0 ? "claude-sonnet-5" : "m" + std::to_string(i);
    EXPECT_EQ(cache.find("openrouter", model, DoorDialect::Chat),
              table.find("openrouter", model, DoorDialect::Chat).facts);
  };

  for (std::size_t i = 0; i < 2 * FactsCache::models_max; ++i) facts_of(i);
  for (std::size_t i = 0; i < 2 * FactsCache::models_max; ++i) facts_of(i);
}

}  // namespace
}  // namespace vdm::proxy::facts_cache_test
