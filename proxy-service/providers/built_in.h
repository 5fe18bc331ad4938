#pragma once

#include "proxy-service/providers/facts_reader.h"

namespace vdm::proxy {

/// The facts files of the folder `data`, which the build puts into the program. A test holds them
/// free of faults.
FactsDocuments built_in_facts();

}  // namespace vdm::proxy
