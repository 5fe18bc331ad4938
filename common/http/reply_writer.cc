#include "common/http/reply_writer.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace vdm::http {
namespace {

ReplyHead uncached(int status, std::string_view content_type) {
  return ReplyHead{
      .status = status,
      .content_type = std::string(content_type),
      .headers = {{"Cache-Control", "no-store"}},
  };
}

}  // namespace

Reply error_reply(int status, std::string_view type, std::string_view message) {
  const boost::json::value body = {
      {"error",
       {{"type", boost::json::string_view(type.data(), type.size())},
        {"message", boost::json::string_view(message.data(), message.size())}}}};
  return Reply{.head = uncached(status, "application/json"),
               .body = boost::json::serialize(body) + "\n"};
}

Reply error_reply(const Error& error) {
  return error_reply(http_status(error.kind), error_word(error.kind), error.message);
}

Awaitable<Result<void>> ReplyWriter::send(Reply reply) {
  co_return co_await send(reply.head, reply.body);
}

Awaitable<Result<void>> ReplyWriter::json(int status, std::string text) {
  const ReplyHead head = uncached(status, "application/json");
  co_return co_await send(head, text);
}

Awaitable<Result<void>> ReplyWriter::text(int status, std::string text) {
  const ReplyHead head = uncached(status, "text/plain; charset=utf-8");
  co_return co_await send(head, text);
}

Awaitable<Result<void>> ReplyWriter::no_content() {
  const ReplyHead head{.status = 204, .content_type = {}, .headers = {}};
  co_return co_await send(head, std::string_view());
}

Awaitable<Result<void>> ReplyWriter::redirect(int status, std::string location) {
  const ReplyHead head{
      .status = status, .content_type = {}, .headers = {{"Location", std::move(location)}}};
  co_return co_await send(head, std::string_view());
}

Awaitable<Result<void>> ReplyWriter::refuse(int status, std::string_view type,
                                            std::string_view message) {
  return send(error_reply(status, type, message));
}

Awaitable<Result<void>> ReplyWriter::refuse(const Error& error) { return send(error_reply(error)); }

Awaitable<Result<void>> ReplyWriter::begin_events(StreamKind kind) {
  // X-Accel-Buffering keeps an nginx in front of this server from buffering the events.
  const ReplyHead head{
      .status = 200,
      .content_type = "text/event-stream",
      .headers = {{"Cache-Control", "no-cache, no-transform"}, {"X-Accel-Buffering", "no"}}};
  co_return co_await begin(head, kind);
}

}  // namespace vdm::http
