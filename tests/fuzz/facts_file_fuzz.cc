// A file with facts about models, our own or LiteLLM's: each fault is one line, and what is read
// can be asked.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-service/providers/facts_reader.h"
#include "proxy-service/providers/facts_table.h"
#include "proxy-service/providers/litellm_reader.h"

namespace {

using namespace vdm::proxy;

void require(bool holds) {
  if (!holds) std::abort();
}

void require_askable(FactsDocuments documents) {
  FactsTable table;
  table.add(std::move(documents));
  for (const auto& [name, provider] : table.providers()) {
    for (const DoorDialect door : {DoorDialect::Messages, DoorDialect::Chat}) {
      (void)table.find(name, "gpt-5.4", door);
      (void)table.find(name, "", door);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FactsDocuments ours;
  std::vector<std::string> faults;
  read_facts(text, "facts.json", ours, faults);
  for (const std::string& fault : faults) {
    require(fault.starts_with("facts.json") && fault.size() < 1024);
    require(std::ranges::none_of(fault, [](char c) { return c == '\n' || c == '\r'; }));
  }
  require_askable(std::move(ours));
  FactsDocuments foreign;
  if (read_litellm(text, FactsTable::built_in(), foreign)) require_askable(std::move(foreign));
  return 0;
}
