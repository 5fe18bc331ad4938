#include "proxy-service/providers/built_in.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Two labels of data.S: the files' texts, with commas between them, as a JSON list.
extern "C" {
extern const char vdm_provider_facts_begin[];
extern const char vdm_provider_facts_end[];
}

namespace vdm::proxy {

FactsDocuments built_in_facts() {
  FactsDocuments documents;
  std::vector<std::string> faults;
  const std::string_view text(
      vdm_provider_facts_begin,
      static_cast<std::size_t>(vdm_provider_facts_end - vdm_provider_facts_begin));
  read_facts(text, "built in", documents, faults);
  if (!faults.empty()) std::abort();  // the build itself is broken
  return documents;
}

}  // namespace vdm::proxy
