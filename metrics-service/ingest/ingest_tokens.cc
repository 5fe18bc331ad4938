#include "metrics-service/ingest/ingest_tokens.h"

#include <algorithm>
#include <utility>

#include "common/access/permissions.h"
#include "common/base/log.h"
#include "common/base/private_file.h"
#include "proto/contract/ingest_token.h"

namespace vdm::metrics {
namespace {

constexpr std::size_t TokenBytes = 32;

/// Another process may make the file at the same time: then its token is the one.
Result<void> make_missing(const std::filesystem::path& file) {
  std::error_code unreadable;
  if (std::filesystem::exists(file, unreadable) || unreadable) return {};
  auto made = PrivateFile::write(file, ingest_token_file(Secret(random_hex(TokenBytes))));
  if (!made) return made.error();
  const auto put = made->put(PrivateFile::Existing::Keep);
  if (!put && put.error().kind != ErrorKind::InvalidRequest) return put.error();
  if (put) log::info("ingest token made", {{"file", file.string()}});
  return {};
}

/// By the table of permissions.
bool is_token(const AccessKey& key) {
  static constexpr const Permission& Report = *RuleOf<Port::Ingest>("Report").row;
  return Report.lets(key.role);
}

}  // namespace

Result<std::shared_ptr<IngestTokens>> IngestTokens::open(IngestTokenOptions options) {
  std::shared_ptr<IngestTokens> tokens(new IngestTokens(std::move(options)));
  if (!tokens->options_.token.empty()) {
    tokens->take({tokens->options_.token});
  } else if (!tokens->options_.file.empty()) {
    if (const auto made = make_missing(tokens->options_.file); !made) return made.error();
    if (const auto read = tokens->read(); !read) return read.error();
    tokens->watcher_ =
        std::jthread([raw = tokens.get()](const std::stop_token& stopped) { raw->watch(stopped); });
  }
  return tokens;
}

IngestTokens::IngestTokens(IngestTokenOptions options)
    : options_(std::move(options)),
      required_(!options_.token.empty() || !options_.file.empty() ||
                std::ranges::any_of(options_.keys, is_token)) {}

IngestTokens::~IngestTokens() = default;

Result<void> IngestTokens::read() {
  auto found = read_private_file(options_.file, IngestTokenLimits::FileBytes);
  if (!found) return found.error();
  if (!found->exposure.empty() && !std::exchange(open_mode_, true)) {
    log::warning("the ingest token's file is not its owner's alone",
                 {{"file", options_.file.string()}, {"why", found->exposure}});
  }
  const Sha256 text = sha256(found->text);
  if (text == read_) return {};
  const auto tokens = parse_ingest_tokens(found->text);
  if (!tokens) {
    return Error{tokens.error().kind, options_.file.string() + ": " + tokens.error().message};
  }
  if (read_) {
    log::info("ingest tokens read again",
              {{"file", options_.file.string()}, {"tokens", std::to_string(tokens->size())}});
  }
  read_ = text;
  take(*tokens);
  return {};
}

void IngestTokens::take(const std::vector<Secret>& tokens) {
  std::vector<Sha256> hashes;
  for (const Secret& token : tokens) hashes.push_back(sha256(token.reveal()));
  const std::lock_guard lock(mutex_);
  tokens_ = std::move(hashes);
}

void IngestTokens::watch(const std::stop_token& stopped) {
  std::mutex own;
  std::unique_lock lock(own);
  while (!wake_.wait_for(lock, stopped, options_.look_interval, [] { return false; }) &&
         !stopped.stop_requested()) {
    const auto read = this->read();
    log_fault(read ? std::string() : read.error().message);
  }
}

void IngestTokens::log_fault(std::string fault) {
  if (fault == last_fault_) return;
  if (!fault.empty()) {
    log::error("ingest tokens not read again; the last ones hold", {{"why", fault}});
  }
  last_fault_ = std::move(fault);
}

std::optional<Sha256> IngestTokens::accept(std::string_view authorization) const {
  const auto token = token_in(authorization);
  if (!token) return std::nullopt;
  const Sha256 hash = sha256(*token);
  return holds(hash) ? std::optional(hash) : std::nullopt;
}

bool IngestTokens::holds(const Sha256& token) const {
  bool is_key = false;
  for (const AccessKey& key : options_.keys) {
    const bool counts = is_token(key) && !key.has_expired(options_.clock->wall());
    is_key |= counts && equal_in_constant_time(key.digest, token);
  }
  const std::lock_guard lock(mutex_);
  bool found = false;  // every token is looked at, so that the time tells nothing
  for (const Sha256& ours : tokens_) found |= equal_in_constant_time(ours, token);
  return found || is_key;
}

}  // namespace vdm::metrics
