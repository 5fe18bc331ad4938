// MultipartFields and JsonMembers: what they find does not depend on how the body was cut, and is
// within the body.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-service/body/json_members.h"
#include "proxy-service/body/multipart_fields.h"

namespace {

using namespace vdm::proxy;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string form(std::string_view body, std::size_t piece) {
  MultipartFields fields("b0");
  for (std::size_t end = 0; end < body.size();) {
    end = std::min(body.size(), end + piece);
    if (const auto read = fields.read(body.substr(0, end)); !read) return read.error().message;
  }
  std::string found = fields.over() ? "over" : "more";
  if (fields.stream()) found += " stream";
  if (const auto& model = fields.model()) {
    require(model->begin + model->size <= body.size() && model->size <= 512);
    found.append(" ").append(body.substr(model->begin, model->size));
  }
  return found;
}

std::string json(std::string_view body, std::size_t piece) {
  constexpr std::array<std::string_view, 2> Names{"model", "usage"};
  JsonMembers members(Names, 64);
  for (std::string_view rest = body; !rest.empty();
       rest.remove_prefix(std::min(piece, rest.size()))) {
    members.push(rest.substr(0, piece));
  }
  std::string found = members.over() ? "over" : "more";
  for (std::size_t i = 0; i < Names.size(); ++i) {
    const JsonMembers::Member& member = members.member(i);
    if (member.times == 0) continue;
    require(member.range.begin + member.range.size <= body.size() && member.value.size() <= 64);
    require(body.substr(member.range.begin).starts_with(member.value));
    require(member.too_long || member.value.size() == member.range.size);
    found.append(" ").append(member.value).append(std::to_string(member.times));
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::string whole_form = form(body, size + 1);
  const std::string whole_json = json(body, size + 1);
  for (const std::size_t piece : {1, 2, 3, 7}) {
    require(form(body, piece) == whole_form);
    require(json(body, piece) == whole_json);
  }
  return 0;
}
