#include "metrics-service/ingest/ingest_tokens.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "common/base/private_file.h"
#include "proto/contract/ingest_token.h"
#include "proxy-service/events/grpc_reporter.h"
#include "tests/fakes/released.h"
#include "tests/grpc/metrics_rig.h"
#include "tests/grpc/raw_proxy.h"

namespace vdm::metrics::ingest_access_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

const std::string First = "first-token-0123456789";
const std::string Second = "second-token-0123456789";

/// Writes the file anew in one step, as an operator's tool does.
void put(const fs::path& file, const std::string& text) {
  auto written = PrivateFile::write(file, text);
  ASSERT_TRUE(written && written->put(PrivateFile::Existing::Replace));
}
std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class IngestAccess : public ::testing::Test {
 protected:
  IngestTokenOptions by_file() const { return {.file = file_, .look_interval = 5ms}; }

  /// A service that takes the tokens of `options`.
  void serve(IngestTokenOptions options) {
    auto tokens = IngestTokens::open(std::move(options));
    ASSERT_TRUE(tokens) << tokens.error().message;
    rig_ = std::make_unique<MetricsRig>(
        log_, IngestOptions{
                  .address = "127.0.0.1:0", .tokens = std::move(*tokens), .check_interval = 5ms});
  }
  /// How a stream ends that shows this metadata, or OK when it is welcomed.
  grpc::StatusCode answer_to(const std::string& authorization) {
    RawProxy proxy(rig_->ingest_address(), authorization);
    proxy.say(hello("instance-" + std::to_string(++streams_)));
    return proxy.hear().has_welcome() ? grpc::StatusCode::OK : proxy.end().error_code();
  }
  /// Opens streams until one is welcomed with this token.
  bool is_taken_in_time(const std::string& token) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      if (answer_to("Bearer " + token) == grpc::StatusCode::OK) return true;
    }
    return false;
  }

  TemporaryFolder folder_;
  fs::path file_ = folder_.path() / "shared" / "ingest-token";
  HoldingLog log_;
  std::unique_ptr<MetricsRig> rig_;
  int streams_ = 0;
};

TEST_F(IngestAccess, IsForThoseWhoShowTheToken) {
  serve({.token = Secret(First)});

  EXPECT_EQ(answer_to(""), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to("Bearer "), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to("Bearer " + Second), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to("Bearer " + First + "0"), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to(First), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(rig_->on_owner([&] { return rig_->tracker.proxies().size(); }), 0u);

  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK);
}

TEST_F(IngestAccess, IsForAllWithoutATokenWhateverTheyShow) {
  serve({});

  EXPECT_EQ(answer_to(""), grpc::StatusCode::OK);
  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK);
}

TEST_F(IngestAccess, HasATokenOfItsOwnMakingInAFileThatOnlyItsOwnerMayRead) {
  serve(by_file());

  const auto read = read_private_file(file_, 4096);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->exposure, "");
  const auto tokens = parse_ingest_tokens(read->text);
  ASSERT_TRUE(tokens);
  ASSERT_EQ(tokens->size(), 1u);
  EXPECT_EQ(tokens->front().reveal().size(), 64u);
  EXPECT_EQ(answer_to(""), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to(authorization_of(tokens->front())), grpc::StatusCode::OK);
}

TEST_F(IngestAccess, KeepsAFileThatIsThere) {
  put(file_, First + "\n");

  serve(by_file());

  EXPECT_EQ(text_of(file_), First + "\n");
  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK);
}

TEST_F(IngestAccess, DoesNotBeginWithAFileThatCannotBeTaken) {
  put(file_, "canary\n");
  const auto tokens = IngestTokens::open(by_file());

  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().message,
            file_.string() + ": line 1: expected a token of 16 to 256 visible ASCII characters");
}

TEST_F(IngestAccess, IsRotatedWhileItRuns) {
  put(file_, First + "\n");
  serve(by_file());
  RawProxy before(rig_->ingest_address(), "Bearer " + First);
  before.say(hello("before"));
  ASSERT_TRUE(before.hear().has_welcome());

  put(file_, Second + "\n" + First + "\n");
  EXPECT_TRUE(is_taken_in_time(Second));
  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK) << "both hold";
  before.say(batch(1, {"a"}));
  EXPECT_EQ(before.hear().ack().committed_seq(), 1u) << "nobody was disturbed";

  put(file_, Second + "\n");
  EXPECT_EQ(before.end().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(answer_to("Bearer " + Second), grpc::StatusCode::OK);
}

TEST_F(IngestAccess, KeepsItsTokensWhenTheFileIsEmptiedDamagedOrGone) {
  put(file_, First + "\n");
  serve(by_file());

  // The next good text shows that the bad ones before it were read.
  for (const std::string bad : {"", "# all gone\n", "short\n"}) {
    std::ofstream(file_, std::ios::trunc) << bad;
    EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK);
    EXPECT_EQ(answer_to(""), grpc::StatusCode::UNAUTHENTICATED);
  }
  fs::remove(file_);
  EXPECT_EQ(answer_to("Bearer " + First), grpc::StatusCode::OK);
  put(file_, Second + "\n");

  EXPECT_TRUE(is_taken_in_time(Second));
}

/// A proxy's side, with the token that its settings say.
struct ProxySide {
  ProxySide(const std::string& address, Secret token, std::string token_file)
      : reporter(queue,
                 {.address = address,
                  .instance_id = "0123456789abcdef0123456789abcdef",
                  .proxy_name = "proxy-1",
                  .version = "test",
                  .token = std::move(token),
                  .token_file = std::move(token_file),
                  .batch_interval = 5ms,
                  .reconnect_min = 1ms,
                  .reconnect_max = 10ms},
                 clock) {}

  void end(const std::string& id) {
    const RequestFacts facts{.request_id = id};
    queue.record(
        Ended{.facts = std::make_shared<const RequestFacts>(facts), .outcome = Outcome::Ok});
  }

  SystemClock clock;
  proxy::EventQueue queue;
  proxy::GrpcReporter reporter;
};

/// Waits, without a deadline but the test's own, until the reporter's status is so.
template <class Holds>
void wait_until(const ProxySide& proxy, Holds holds) {
  while (!holds(proxy.reporter.status())) std::this_thread::yield();
}

TEST_F(IngestAccess, IsGivenToAProxyWithTheSameFile) {
  serve(by_file());
  ProxySide proxy(rig_->ingest_address(), {}, file_);
  proxy.end("a");

  EXPECT_TRUE(proxy.reporter.flush(20s));
  EXPECT_EQ(proxy.reporter.status().refusal, proxy::ReportRefusal::None);
  EXPECT_EQ(rig_->counts().ended, 1u);
}

TEST_F(IngestAccess, IsRefusedToAProxyWithAnotherTokenWhichKeepsItsEvents) {
  const fs::path own = folder_.path() / "own-token";
  put(own, Second + "\n");
  serve({.token = Secret(First)});
  ProxySide proxy(rig_->ingest_address(), {}, own);
  proxy.end("a");

  EXPECT_FALSE(proxy.reporter.flush(20s));
  wait_until(proxy, [](const auto& s) { return s.refusal == proxy::ReportRefusal::Token; });
  EXPECT_FALSE(proxy.reporter.status().connected);
  EXPECT_GT(proxy.reporter.status().buffered_bytes, 0u);
  EXPECT_EQ(proxy.reporter.status().dropped, proxy::DroppedCounts{});

  put(own, First + "\n");  // read again for the next stream

  wait_until(proxy, [](const auto& s) { return s.acknowledged_seq == 1; });
  EXPECT_EQ(proxy.reporter.status().refusal, proxy::ReportRefusal::None);
  EXPECT_EQ(rig_->counts().ended, 1u);
}

TEST_F(IngestAccess, WaitsForAFileThatIsMadeLater) {
  const fs::path own = folder_.path() / "not-yet";
  serve({.token = Secret(First)});
  ProxySide proxy(rig_->ingest_address(), {}, own);
  proxy.end("a");
  wait_until(proxy, [](const auto& s) { return s.refusal == proxy::ReportRefusal::Token; });

  put(own, First + "\n");

  wait_until(proxy, [](const auto& s) { return s.acknowledged_seq == 1; });
  EXPECT_EQ(rig_->counts().ended, 1u);
}

TEST_F(IngestAccess, PrefersTheTokenOfTheSettingToTheFiles) {
  put(file_, Second + "\n");
  serve({.token = Secret(First), .file = file_});
  ProxySide proxy(rig_->ingest_address(), Secret(First), file_);
  proxy.end("a");

  EXPECT_TRUE(proxy.reporter.flush(20s));
  EXPECT_EQ(answer_to("Bearer " + Second), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace vdm::metrics::ingest_access_test
