#include "tests/bench/readers.h"

#include <algorithm>
#include <string_view>

#include "proxy-service/http1/head_writer.h"
#include "tests/bench/process.h"

namespace vdm::bench {
namespace {

constexpr std::size_t ReadBufferBytes = 64 * 1024;
constexpr std::chrono::seconds ConnectMax{20};
constexpr std::string_view Ok = "HTTP/1.1 200 ";

Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

}  // namespace

Readers::Readers(const ReadersOptions& options)
    : options_(options), read_buffer_(ReadBufferBytes) {}

ReadersResult Readers::run() {
  connect_all(Clock::now() + ConnectMax);
  read_until(Clock::now() + seconds(options_.warm_up_seconds));
  for (Reader& reader : readers_) reader.bytes = 0;

  const Time begin = Clock::now();
  const auto cpu_before = cpu_used(options_.watch);
  read_until(begin + seconds(options_.seconds));
  ReadersResult result;
  result.cpu = cpu_used(options_.watch) - cpu_before;
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();

  for (const Reader& reader : readers_) {
    if (!greeted(reader) || reader.bytes == 0) ++result.failed;
    result.bytes += reader.bytes;
  }
  const auto least = std::min_element(
      readers_.begin(), readers_.end(),
      [](const Reader& one, const Reader& other) { return one.bytes < other.bytes; });
  if (least != readers_.end()) result.bytes_fewest = least->bytes;
  return result;
}

void Readers::connect_all(Time end) {
  std::string request;
  http1::HeadWriter head(request);
  head.request_line("GET", options_.path)
      .field("Host", "127.0.0.1:" + std::to_string(options_.port))
      .field("Accept", "text/event-stream");
  head.end();
  for (std::size_t i = 0; i < options_.readers; ++i) {
    Reader& reader = readers_.emplace_back();
    reader.fd = connect_to(options_.port);
    if (!reader.fd.open()) continue;
    poll_.add(reader.fd, &reader);
    std::string_view unsent = request;
    // Readers connect one after the other, so that the run does not measure a flood of connects.
    while (reader.fd.open() && !greeted(reader) && Clock::now() < end) {
      if (!send_some(reader.fd, unsent)) reader.fd.close();
      read_until(Clock::now() + std::chrono::milliseconds(1));
    }
  }
}

void Readers::read_until(Time end) {
  for (Time now = Clock::now(); now < end; now = Clock::now()) {
    for (const epoll_event& event : poll_.wait(end)) read(*static_cast<Reader*>(event.data.ptr));
  }
}

void Readers::read(Reader& reader) {
  while (reader.fd.open()) {
    std::size_t size = 0;
    switch (receive_some(reader.fd, read_buffer_, size)) {
      case Received::WouldBlock:
        return;
      case Received::Closed:
        return reader.fd.close();
      case Received::Bytes:
        break;
    }
    reader.bytes += size;
    const std::string_view bytes(read_buffer_.data(), size);
    reader.begin.append(bytes.substr(0, Ok.size() - reader.begin.size()));
    if (size < read_buffer_.size()) return;
  }
}

bool Readers::greeted(const Reader& reader) const { return reader.fd.open() && reader.begin == Ok; }

}  // namespace vdm::bench
