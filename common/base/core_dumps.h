#pragma once

namespace vdm {

/// Whether the kernel may write this process's memory to a file when it crashes, and other
/// processes of the same user may read it. It holds keys and prompts, so main() forbids that first
/// of all; a setting allows it. Thread: the first one.
enum class CoreDumps { Forbidden, Allowed };
void set_core_dumps(CoreDumps dumps);

}  // namespace vdm
