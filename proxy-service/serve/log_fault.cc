#include "proxy-service/serve/log_fault.h"

#include <string>

#include "common/base/log.h"

namespace vdm::proxy {
namespace {

void log(std::string_view what, std::string_view why, std::string_view request_id) {
  log::error(what, {{"fault", std::string(why)}, {"request_id", std::string(request_id)}});
}

}  // namespace

void log_fault(std::string_view what, const std::exception_ptr& fault,
               std::string_view request_id) noexcept try {
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    log(what, error.what(), request_id);
  } catch (...) {
    log(what, "something that is no std::exception", request_id);
  }
} catch (...) {
  return;
}

}  // namespace vdm::proxy
