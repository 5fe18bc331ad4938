#include "proto/contract/grpc_log.h"

#include <grpc/support/log.h>

#include "common/base/log.h"

namespace vdm {
namespace {

void to_our_log(gpr_log_func_args* line) { log::debug("grpc", {{"message", line->message}}); }

}  // namespace

void adopt_grpc_log() { gpr_set_log_function(&to_our_log); }

}  // namespace vdm
