#include "proxy-service/config/models_file.h"

#include <iterator>
#include <utility>

#include "common/base/digest.h"
#include "common/base/file_text.h"
#include "proxy-service/providers/litellm_reader.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view Setting = "VDM_MODELS_FILE";

}  // namespace

ModelsFile read_models_file(const std::string& path, std::vector<std::string>& faults) {
  if (path.empty()) return {};
  const auto read = read_file_text(path, FactsFileBytesMax);
  if (!read) {
    faults.push_back(std::string(Setting) + ": cannot read '" + path + "'");
    return {};
  }
  const std::string& text = *read;
  const std::size_t before = faults.size();
  FactsDocuments documents;
  if (!read_litellm(text, FactsTable::built_in(), documents)) {
    read_facts(text, std::string(Setting) + ": " + path, documents, faults);
  }
  if (faults.size() != before) return {};
  auto facts = std::make_shared<FactsTable>(FactsTable::built_in());
  facts->add(std::move(documents));
  return {path, std::move(facts), hex_prefix(sha256(text), 16)};
}

}  // namespace vdm::proxy
