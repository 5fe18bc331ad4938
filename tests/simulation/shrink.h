#pragma once

#include "tests/simulation/world.h"

namespace vdm::simulation {

/// A schedule that fails, too, and does not when any one of its steps is left out.
Schedule shrunk(Schedule failing, RingFiles& files);

}  // namespace vdm::simulation
