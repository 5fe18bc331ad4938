#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "tests/proxy-service/serve/running_gateway.h"

#include "common/base/host_port.h"

namespace vdm::proxy::tls_test {
namespace {

using fakes::FakeUpstream;
using fakes::Message;
using fakes::Peer;
using fakes::whole_answer;
using std::chrono::milliseconds;

/// A certificate authority and a server certificate of its making, in a folder of
/// their own, made by the openssl program.
class Authority {
 public:
  explicit Authority(const std::string& names) {
    std::string name = std::filesystem::temp_directory_path() / "vdm-tls-XXXXXX";
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ + "/ext") << "subjectAltName=" << names << "\n";
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca "
        "-keyout ca.key -out ca.pem");
    run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server "
        "-keyout key.pem -out server.csr");
    run("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext "
        "-out cert.pem");
  }
  ~Authority() { std::filesystem::remove_all(folder_); }

  std::string file(const char* name) const { return folder_ + "/" + name; }

 private:
  void run(const std::string& arguments) {
    const std::string line = "cd " + folder_ + " && openssl " + arguments + " 2>/dev/null";
    EXPECT_EQ(std::system(line.c_str()), 0) << line;
  }

  std::string folder_;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/// Speaks TLS on a fake provider's connections and answers every request alike, once at
/// least so many bytes of it have come.
class TlsProvider {
 public:
  TlsProvider(const Authority& authority, std::string answer, std::size_t request_bytes)
      : context_(SSL_CTX_new(TLS_server_method())),
        answer_(std::move(answer)),
        request_bytes_(request_bytes),
        upstream_([this](Peer& peer, int) { serve(peer); }) {
    SSL_CTX_use_certificate_file(context_.get(), authority.file("cert.pem").c_str(),
                                 SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_.get(), authority.file("key.pem").c_str(),
                                SSL_FILETYPE_PEM);
  }

  std::uint16_t port() const { return upstream_.port(); }
  /// Asks for new keys before each answer, as TLS 1.2 lets a peer do; counts who says no.
  void renegotiate(std::atomic<int>& refused) {
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
    refused_ = &refused;
  }
  int resumed() const { return resumed_; }
  int requests() const { return requests_; }

 private:
  void serve(Peer& peer) {
    const int little = 64 * 1024;  // a large request then does not fit what the kernel holds
    ::setsockopt(peer.descriptor(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    const std::unique_ptr<SSL, FreeContext> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), peer.descriptor());
    if (SSL_accept(ssl.get()) != 1) return;
    if (SSL_session_reused(ssl.get()) == 1) ++resumed_;
    char bytes[4096];
    std::size_t unanswered = 0;
    for (int got = 0; (got = SSL_read(ssl.get(), bytes, sizeof bytes)) > 0;) {
      unanswered += static_cast<std::size_t>(got);
      if (unanswered < request_bytes_) continue;
      unanswered = 0;
      ++requests_;
      if (refused_ != nullptr) {
        EXPECT_EQ(SSL_renegotiate(ssl.get()), 1);
        EXPECT_EQ(SSL_do_handshake(ssl.get()), 1);
      }
      SSL_write(ssl.get(), answer_.data(), static_cast<int>(answer_.size()));
    }
    const bool refused = ERR_GET_REASON(ERR_get_error()) == SSL_R_NO_RENEGOTIATION;
    if (refused && refused_ != nullptr) ++*refused_;
  }

  std::unique_ptr<SSL_CTX, FreeContext> context_;
  std::string answer_;
  std::size_t request_bytes_;
  std::atomic<int>* refused_ = nullptr;
  std::atomic<int> resumed_{0};
  std::atomic<int> requests_{0};
  FakeUpstream upstream_;
};

class TlsUpstream : public ::testing::Test {
 protected:
  ~TlsUpstream() override { ::unsetenv("SSL_CERT_FILE"); }

  void trust(const Authority& authority) {
    ::setenv("SSL_CERT_FILE", authority.file("ca.pem").c_str(), 1);
  }
};

/// Lets the gateway call its providers over TLS, by `host`.
void use_tls(RunningGateway& gateway, const std::string& host) {
  gateway.on_one_thread();
  for (Provider& provider : gateway.config.providers) {
    provider.doors.front().base_url.scheme = Scheme::Https;
    provider.doors.front().base_url.host = host;
  }
}

/// A provider that shows what `authority` signed, and a gateway that calls it by `host`.
struct TlsRig {
  explicit TlsRig(const Authority& authority, const std::string& host = "localhost",
                  std::string_view body = AnthropicAnswer, std::size_t request_bytes = 1)
      : provider(authority, whole_answer(200, body), request_bytes), gateway(provider.port()) {
    use_tls(gateway, host);
  }
  Message ask(std::string_view request = AnthropicRequest) {
    auto client = gateway.start().client();
    client.send(post("/v1/messages", request));
    return client.read_message();
  }

  TlsProvider provider;
  RunningGateway gateway;
};

TEST_F(TlsUpstream, IsUsedWhenItsCertificateIsTrustedAndNamesIt) {
  const Authority authority("DNS:localhost");
  trust(authority);
  TlsRig rig(authority);
  auto client = rig.gateway.start().client();

  for (int i = 0; i < 2; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    const Message answer = client.read_message();
    EXPECT_EQ(answer.status(), 200) << answer.body;
    EXPECT_EQ(answer.body, AnthropicAnswer);
  }
}

TEST_F(TlsUpstream, MayBeNamedByItsAddress) {
  const Authority authority("IP:127.0.0.1");
  trust(authority);
  TlsRig rig(authority, "127.0.0.1");

  EXPECT_EQ(rig.ask().status(), 200);
}

TEST_F(TlsUpstream, PassesALargeAnswerWhole) {
  const Authority authority("DNS:localhost");
  trust(authority);
  const std::string body = "{\"x\":\"" + std::string(500'000, 'y') + "\"}";
  TlsRig rig(authority, "localhost", body);

  const Message answer = rig.ask();

  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.body, body);
}

TEST_F(TlsUpstream, MayAnnounceItselfBeforeALongHead) {
  const Authority authority("DNS:localhost");
  trust(authority);
  const std::string long_field =
      "x-policy: " + std::string(2 * Connection::SmallBytes, 'p') + "\r\n";
  const TlsProvider provider(authority,
                             "HTTP/1.1 103 Early Hints\r\nlink: </style>\r\n\r\n" +
                                 whole_answer(200, AnthropicAnswer, "text/plain", long_field),
                             1);
  RunningGateway gateway(provider.port());
  use_tls(gateway, "localhost");
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().body, AnthropicAnswer);
}

TEST_F(TlsUpstream, IsSentARequestThatIsLargerThanWhatTheKernelTakesAtOnce) {
  const Authority authority("DNS:localhost");
  trust(authority);
  const std::string content(16'000'000, 'y');
  const std::string request = R"({"model":"anth:claude-x","max_tokens":16,"messages":[)"
                              R"({"role":"user","content":")" +
                              content + "\"}]}";
  TlsRig rig(authority, "localhost", AnthropicAnswer, content.size());

  EXPECT_EQ(rig.ask(request).status(), 200);
}

TEST_F(TlsUpstream, IsShownNothingWhenItsCertificateIsNotTrusted) {
  const Authority trusted("DNS:localhost");
  const Authority unknown("DNS:localhost");
  trust(trusted);
  TlsRig rig(unknown);

  const Message answer = rig.ask();

  EXPECT_EQ(answer.status(), 502);
  EXPECT_NE(answer.body.find("TLS"), std::string::npos) << answer.body;
  EXPECT_EQ(rig.provider.requests(), 0);
}

TEST_F(TlsUpstream, IsShownNothingWhenItsCertificateNamesAnother) {
  const Authority authority("DNS:elsewhere.example");
  trust(authority);
  TlsRig rig(authority);

  EXPECT_EQ(rig.ask().status(), 502);
  EXPECT_EQ(rig.provider.requests(), 0);
}

TEST_F(TlsUpstream, ResumesItsSessionOnTheNextConnection) {
  const Authority authority("DNS:localhost");
  trust(authority);
  TlsRig rig(authority);
  rig.gateway.config.limits.upstream_idle_max = 0;
  auto client = rig.gateway.start().client();

  for (int i = 0; i < 3; ++i) {
    client.send(post("/v1/messages", AnthropicRequest));
    EXPECT_EQ(client.read_message().status(), 200);
  }

  EXPECT_EQ(rig.provider.resumed(), 2);
}

TEST_F(TlsUpstream, IsRefusedNewKeysInTheMidstOfAnAnswer) {
  const Authority authority("DNS:localhost");
  trust(authority);
  std::atomic<int> refused{0};
  {
    TlsRig rig(authority);
    rig.provider.renegotiate(refused);

    const Message answer = rig.ask();

    EXPECT_EQ(answer.status(), 200) << answer.body;
    EXPECT_EQ(answer.body, AnthropicAnswer);
  }

  EXPECT_EQ(refused, 1);
}

TEST_F(TlsUpstream, MustShakeHandsInTime) {
  FakeUpstream upstream([](Peer& peer, int) { peer.sees_close_within(10'000); });
  RunningGateway gateway(upstream.port());
  use_tls(gateway, "localhost");
  for (Provider& provider : gateway.config.providers) provider.timeouts.tls = milliseconds(300);
  auto client = gateway.start().client();

  client.send(post("/v1/messages", AnthropicRequest));

  EXPECT_EQ(client.read_message().status(), 504);
}

}  // namespace
}  // namespace vdm::proxy::tls_test
