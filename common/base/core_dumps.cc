#include "common/base/core_dumps.h"

#include <sys/prctl.h>

namespace vdm {

void set_core_dumps(CoreDumps dumps) {
  ::prctl(PR_SET_DUMPABLE, dumps == CoreDumps::Allowed ? 1 : 0, 0, 0, 0);
}

}  // namespace vdm
