#include <benchmark/benchmark.h>

#include <string>

#include "common/http1/request_head.h"
#include "proxy-service/http1/body.h"
#include "proxy-service/http1/head_writer.h"
#include "proxy-service/http1/response_head.h"

namespace vdm::http1 {
namespace {

// Fifteen fields, as a published SDK sends them.
const std::string Request =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: 127.0.0.1:8082\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
    "Accept: application/json\r\nContent-Type: application/json\r\n"
    "User-Agent: OpenAI/Python 1.54.0\r\nX-Stainless-Lang: python\r\n"
    "X-Stainless-Package-Version: 1.54.0\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
    "X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.11.2\r\n"
    "Authorization: Bearer sk-0123456789abcdef0123456789abcdef\r\nX-Stainless-Async: false\r\n"
    "Content-Length: 2048\r\n\r\n";

const std::string Response =
    "HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Type: application/json\r\n"
    "Content-Length: 2048\r\nConnection: keep-alive\r\nx-request-id: req_0123456789abcdef\r\n"
    "openai-processing-ms: 12\r\nServer: cloudflare\r\ncf-ray: 0123456789abcdef-FRA\r\n\r\n";

void read_request_head(benchmark::State& state) {
  RequestHead head;
  for (auto _ : state) {
    head.clear();
    benchmark::DoNotOptimize(head.read(Request));
    benchmark::DoNotOptimize(head.fields().get(FieldName::Authorization));
  }
}
BENCHMARK(read_request_head);

void read_response_head(benchmark::State& state) {
  ResponseHead head;
  for (auto _ : state) {
    head.clear();
    benchmark::DoNotOptimize(head.read(Response));
  }
}
BENCHMARK(read_response_head);

void write_request_head(benchmark::State& state) {
  RequestHead head;
  head.read(Request);
  std::string out;
  for (auto _ : state) {
    out.clear();
    HeadWriter writer(out);
    writer.request_line("POST", head.target());
    writer.fields(head.fields(), [](const Field& field) { return field.known != FieldName::Host; });
    writer.field("host", "api.example.com").end();
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(write_request_head);

// Fifty events of 150 bytes, one chunk each, as a provider sends them.
void decode_chunked_stream(benchmark::State& state) {
  std::string stream;
  for (int i = 0; i < 50; ++i) {
    stream.append(ChunkLine(150).text()).append(150, 'x').append(ChunkEnd);
  }
  stream.append(LastChunk);
  for (auto _ : state) {
    BodyDecoder body = BodyDecoder::chunked();
    std::string_view bytes = stream;
    while (!bytes.empty() && body.reading()) benchmark::DoNotOptimize(body.next(bytes));
  }
}
BENCHMARK(decode_chunked_stream);

}  // namespace
}  // namespace vdm::http1
