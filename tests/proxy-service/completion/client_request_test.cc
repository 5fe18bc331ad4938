#include "proxy-service/completion/client_request.h"

#include <gtest/gtest.h>

#include "tests/proto/contract/full_events.h"

namespace vdm::proxy::client_request_test {
namespace {

TEST(TraceId, IsTakenFromAWellFormedTraceparent) {
  EXPECT_EQ(trace_id_of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace_id_of("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later"),
            "0af7651916cd43dd8448eb211c80319c");
}

TEST(TraceId, IsNotTakenFromAnythingElse) {
  for (const char* malformed : {
           "",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
           "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
       }) {
    EXPECT_EQ(trace_id_of(malformed), std::nullopt) << malformed;
  }
}

TEST(ClientRequest, KeepsOfTheLastRequestWhatTheHeadSaysAndNothingElse) {
  ClientRequest request;
  *request.facts = full_facts();
  const RequestFacts* const before = request.facts.get();

  request.begin();

  EXPECT_EQ(*request.facts, (RequestFacts{.client_dialect = Dialect::Anthropic,
                                          .client_label = "0123456789ab",
                                          .user_agent = "agent/1.0 (ü)",
                                          .agent_id = "agent-8",
                                          .trace_id = "0af7651916cd43dd8448eb211c80319c"}));
  EXPECT_EQ(request.facts.get(), before) << "their memory is used again";
}

TEST(ClientRequest, LeavesFactsAloneThatSomebodyKeeps) {
  ClientRequest request;
  *request.facts = full_facts();
  const FactsPtr kept = request.facts;

  request.begin();

  EXPECT_EQ(*kept, full_facts());
  EXPECT_EQ(request.facts->request_id, "");
  EXPECT_EQ(request.facts->user_agent, "agent/1.0 (ü)");
}

}  // namespace
}  // namespace vdm::proxy::client_request_test
