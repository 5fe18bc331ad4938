#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/access/access_keys.h"
#include "common/base/digest.h"
#include "common/base/result.h"
#include "common/base/secret.h"

namespace vdm::metrics {

struct IngestTokenOptions {
  Secret token = {};                 ///< the one token; wins over the file
  std::filesystem::path file = {};   ///< made with a random token when it is missing
  std::vector<AccessKey> keys = {};  ///< named keys of Role::Ingest; others are no tokens
  const Clock* clock = nullptr;      ///< by which they expire; it outlives the tokens
  std::chrono::milliseconds look_interval{1'000};
};

/// The tokens that proxies may show, as hashes. A file is read again when it changes, on a thread
/// of its own, since a file can keep its reader waiting; a file that is gone, damaged or empty
/// leaves the last tokens in place and is logged. Thread: any.
class IngestTokens {
 public:
  /// Without a token and without a file, every stream is taken. An error says what to change.
  static Result<std::shared_ptr<IngestTokens>> open(IngestTokenOptions options);
  ~IngestTokens();
  IngestTokens(const IngestTokens&) = delete;
  IngestTokens& operator=(const IngestTokens&) = delete;

  bool required() const { return required_; }
  /// The hash of the token in the metadata's value; nothing when it is none of ours. Compares with
  /// every token, in constant time.
  std::optional<Sha256> accept(std::string_view authorization) const;
  /// Whether the token of that hash is still one of ours.
  bool holds(const Sha256& token) const;

 private:
  explicit IngestTokens(IngestTokenOptions options);
  Result<void> read();
  void watch(const std::stop_token& stopped);
  void log_fault(std::string fault);
  void take(const std::vector<Secret>& tokens);

  const IngestTokenOptions options_;
  const bool required_;
  std::optional<Sha256> read_;  ///< the file's text, as last taken
  std::string last_fault_;      ///< as last logged
  bool open_mode_ = false;      ///< that others may use the file is logged already

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Sha256> tokens_;
  std::jthread watcher_;  ///< last: it uses what is above
};

}  // namespace vdm::metrics
