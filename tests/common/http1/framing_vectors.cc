#include "tests/common/http1/framing_vectors.h"

namespace vdm::http1 {

std::ostream& operator<<(std::ostream& out, const FramingVector& vector) {
  return out << vector.name;
}

std::string post(const std::string& fields) {
  return "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\n" + fields + "\r\n";
}

std::vector<FramingVector> smuggling_vectors() {
  return {
      {"xchunked", post("Transfer-Encoding: xchunked\r\n"), 501},
      {"chunked then gzip", post("Transfer-Encoding: chunked, gzip\r\n"), 501},
      {"gzip then chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"chunked twice in one", post("Transfer-Encoding: chunked, chunked\r\n"), 501},
      {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {"chunked with parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 501},
      {"identity", post("Transfer-Encoding: identity\r\n"), 501},
      {"empty coding", post("Transfer-Encoding:\r\n"), 501},
      {"vertical tab before chunked", post("Transfer-Encoding: \vchunked\r\n"), 400},
      {"two codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
      {"length then coding", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"coding then length", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"), 400},
      {"two lengths", post("Content-Length: 4\r\nContent-Length: 5\r\n"), 400},
      {"one length twice", post("Content-Length: 4\r\nContent-Length: 4\r\n"), 400},
      {"length list", post("Content-Length: 4, 4\r\n"), 400},
      {"length with plus", post("Content-Length: +5\r\n"), 400},
      {"length with minus", post("Content-Length: -5\r\n"), 400},
      {"hexadecimal length", post("Content-Length: 0x5\r\n"), 400},
      {"length with a space inside", post("Content-Length: 5 5\r\n"), 400},
      {"empty length", post("Content-Length: \r\n"), 400},
      {"length beyond 63 bits", post("Content-Length: 99999999999999999999\r\n"), 413},
      {"length wrapping to 5", post("Content-Length: 18446744073709551621\r\n"), 413},
      {"coding with 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"space before colon", post("Transfer-Encoding : chunked\r\n"), 400},
      {"tab before colon", post("Content-Length\t: 5\r\n"), 400},
      {"folded value", post("X: a\r\n b\r\n"), 400},
      {"folded with tab", post("X: a\r\n\tb\r\n"), 400},
      {"first line folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare LF in a field", post("X: a\nTransfer-Encoding: chunked\r\n"), 400},
      {"bare CR in a field", post("X: a\rTransfer-Encoding: chunked\r\n"), 400},
      {"bare CR before the end", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", 400},
      {"CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400},
      {"NUL in a value", post(std::string("X: a\0b\r\n", 8)), 400},
      {"NUL in a name", post(std::string("X\0: a\r\n", 7)), 400},
      {"DEL in a value", post("X: a\x7f\r\n"), 400},
      {"escape in a value", post("X: \x1b[31m\r\n"), 400},
      {"underscore for hyphen in a length", post("Content_Length: 5\r\n"), 400},
      {"underscore in a coding", post("transfer_encoding: chunked\r\n"), 400},
      {"underscore in a key", post("X_API_KEY: k\r\n"), 400},
      {"one underscore of two", post("x-api_key: k\r\n"), 400},
      {"8-bit name", post("X\xe9: a\r\n"), 400},
      {"no colon", post("Content-Length 5\r\n"), 400},
      {"empty name", post(": 5\r\n"), 400}};
}

std::vector<FramingVector> request_line_vectors() {
  return {{"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"no version", "GET /\r\n\r\n", 400},
          {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"tab for space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"space behind", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
          {"version 2", "PRI * HTTP/2.0\r\n\r\n", 505},
          {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
          {"version 1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
          {"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
          {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
          {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
          {"longer method", "POSTS / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
          {"8-bit target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"fragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"backslash first", "GET \\a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"backslash in query", "GET /?a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"no slash", "GET v1/messages HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"other scheme", "GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"TLS hello", "\x16\x03\x01\x02", 400}};
}

std::vector<FramingVector> host_vectors() {
  return {{"none", "GET / HTTP/1.1\r\n\r\n", 400},
          {"two", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
          {"two with 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
          {"empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
          {"user", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400},
          {"path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
          {"list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
          {"port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
          {"port empty", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400},
          {"port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
          {"only a port", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400},
          {"open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
          {"bracket and tail", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", 400},
          {"name in brackets", "GET / HTTP/1.1\r\nHost: [evil]\r\n\r\n", 400},
          {"absolute form differs", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
          {"absolute port differs", "GET http://a:1/ HTTP/1.1\r\nHost: a:2\r\n\r\n", 400},
          {"absolute with user", "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", 400}};
}

std::vector<FramingVector> once_only_vectors() {
  return {{"Authorization", post("Authorization: a\r\nauthorization: b\r\n"), 400},
          {"x-api-key", post("x-api-key: a\r\nX-Api-Key: b\r\n"), 400},
          {"Content-Type", post("Content-Type: a\r\nContent-Type: a\r\n"), 400},
          {"anthropic-version",
           post("anthropic-version: 2023-06-01\r\nanthropic-version: 2023-06-01\r\n"), 400},
          {"Expect of something else", post("Expect: 200-ok\r\n"), 400}};
}

std::vector<FramingVector> framing_vectors() {
  std::vector<FramingVector> all;
  for (const auto& some :
       {smuggling_vectors(), request_line_vectors(), host_vectors(), once_only_vectors()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace vdm::http1
