#pragma once

#include "proxy-service/config/config.h"

namespace vdm::proxy {

/// `vdm-proxy --send-spool`: sends what earlier processes left in VDM_SPOOL_DIR and says on
/// standard output how far it is. Returns the exit status: 0 when nothing waits any more, 1 when
/// something could not be sent, 2 without a folder. Blocks; gives up a file of which nothing has
/// been acknowledged for half a minute.
int send_spools(const Config& config);

}  // namespace vdm::proxy
