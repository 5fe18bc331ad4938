#include "proxy-service/events/token_source.h"

#include <utility>

#include "common/base/log.h"
#include "common/base/private_file.h"
#include "proto/contract/ingest_token.h"

namespace vdm::proxy {

Secret TokenSource::current() {
  if (!token_.empty() || file_.empty()) return token_;
  const auto read = read_private_file(file_, IngestTokenLimits::FileBytes);
  if (!read) {
    log_fault(read.error().message);
    return {};
  }
  auto tokens = parse_ingest_tokens(read->text);
  if (!tokens) {
    log_fault(file_ + ": " + tokens.error().message);
    return {};
  }
  log_fault("");
  if (!read->exposure.empty() && !std::exchange(open_mode_, true)) {
    log::warning("the ingest token's file is not its owner's alone",
                 {{"file", file_}, {"why", read->exposure}});
  }
  return std::move(tokens->front());
}

void TokenSource::log_fault(std::string fault) {
  if (fault == last_fault_) return;
  if (!fault.empty()) log::warning("no ingest token can be shown", {{"why", fault}});
  last_fault_ = std::move(fault);
}

}  // namespace vdm::proxy
