#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy-service/providers/facts_table.h"

namespace vdm::proxy {

/// The built-in facts with those of a file on top, if one is named.
struct ModelsFile {
  std::string path;  ///< empty: there is no file
  std::shared_ptr<const FactsTable> facts = FactsTable::built_in_shared();
  std::string digest;  ///< of the file's bytes; empty without a file
};

/// Reads the file that VDM_MODELS_FILE names: in our own format, or LiteLLM's list of prices and
/// windows. A fault names the file, the field and what was found. After a fault, and with an empty
/// `path`, the facts are the built-in ones.
ModelsFile read_models_file(const std::string& path, std::vector<std::string>& faults);

}  // namespace vdm::proxy
