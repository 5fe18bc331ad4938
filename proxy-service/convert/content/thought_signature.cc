#include "proxy-service/convert/content/thought_signature.h"

#include <algorithm>
#include <iterator>

#include "proxy-service/convert/content/base64.h"
#include "proxy-service/convert/json/field.h"

namespace vdm::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view Mark = "_vdmsig_";
constexpr std::size_t SignatureBytesMax = 64 * 1024;

/// A service that signs: Google's own endpoint and Vertex AI send the signature under different
/// names.
struct Signer {
  char letter;
  std::string_view name;
};
constexpr Signer Signers[] = {{'g', "google"}, {'v', "vertex"}};

/// Whether `text` can be a signature, which is Base64 of some kind. A client may send anything
/// instead.
bool may_be_signature(std::string_view text) {
  return !text.empty() && text.size() <= SignatureBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string id_with_signature(std::string_view id, const json::object& tool_call) {
  const json::object* extra = find_object(tool_call, "extra_content");
  if (extra == nullptr) return std::string(id);
  for (const Signer& signer : Signers) {
    const json::object* signed_by = find_object(*extra, signer.name);
    const std::string_view signature =
        signed_by == nullptr ? std::string_view() : find_text(*signed_by, "thought_signature");
    if (may_be_signature(signature)) return id_with_signature(id, signer.name, signature);
  }
  return std::string(id);
}

std::string id_with_signature(std::string_view id, std::string_view signer,
                              std::string_view signature) {
  std::string text(id);
  const auto known = std::ranges::find(Signers, signer, &Signer::name);
  if (known == std::end(Signers) || !may_be_signature(signature)) return text;
  return text.append(Mark).append(1, known->letter).append(base64url_encoded(signature));
}

SignedId split_signed_id(std::string_view id) {
  const auto mark = id.rfind(Mark);
  if (mark == std::string_view::npos) return {id, {}};
  const std::string_view carried = id.substr(mark + Mark.size());
  for (const Signer& signer : Signers) {
    if (!carried.starts_with(signer.letter)) continue;
    const auto signature = base64_decoded(carried.substr(1));
    if (!signature || !may_be_signature(*signature)) break;
    SignedId split{id.substr(0, mark), {}};
    split.extra_content.emplace(signer.name, json::object{{"thought_signature", *signature}});
    return split;
  }
  return {id, {}};
}

std::string_view id_without_signature(std::string_view id) { return split_signed_id(id).id; }

}  // namespace vdm::proxy
