#pragma once

#include <string>
#include <vector>

#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// Who can have written the configuration file: we and root alone, or others too.
enum class ConfigWriters { Owner, Others };

/// Whom `next` would let in and `running` keeps out: one sentence for each setting, with its key,
/// and with no key's text. A reload that does so is refused: whoever can write the file, or cut it
/// short by mistake, does not open a gateway that was started shut. A named key is let in by the
/// owner of the file, if nobody else can write it, but none without the end that it had. Empty when
/// there is nothing of the kind. Pure.
std::vector<std::string> newly_let_in(const Config& running, const Config& next,
                                      ConfigWriters writers);

}  // namespace vdm::proxy
