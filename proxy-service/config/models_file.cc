#include "proxy-service/config/models_file.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "common/base/digest.h"
#include "proxy-service/providers/litellm_reader.h"

namespace vdm::proxy {
namespace {

constexpr std::string_view Setting = "VDM_MODELS_FILE";

/// At most one byte more than a facts file may have, so that its reader refuses it.
std::string read_bounded(std::ifstream& in) {
  std::string text(FactsFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

ModelsFile read_models_file(const std::string& path, std::vector<std::string>& faults) {
  if (path.empty()) return {};
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    faults.push_back(std::string(Setting) + ": cannot read '" + path + "'");
    return {};
  }
  const std::string text = read_bounded(in);
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
