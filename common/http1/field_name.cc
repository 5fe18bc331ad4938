#include "common/http1/field_name.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace vdm::http1 {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, FieldNameCount> Names{
    "",
    "accept",
    "accept-encoding",
    "anthropic-beta",
    "anthropic-version",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "last-event-id",
    "location",
    "openai-beta",
    "openai-organization",
    "openai-project",
    "origin",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "request-id",
    "retry-after",
    "sec-fetch-site",
    "server",
    "set-cookie",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-api-key",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "x-request-id",
};

struct Mix {
  unsigned size;
  unsigned first;
  unsigned last;
};

constexpr unsigned char folded(char c) { return static_cast<unsigned char>(c) | 0x20; }

constexpr unsigned slot_of(std::string_view name, Mix mix) {
  const unsigned hash = static_cast<unsigned>(name.size()) * mix.size +
                        folded(name.front()) * mix.first + folded(name.back()) * mix.last;
  return hash & 255u;
}

constexpr bool separates(Mix mix) {
  std::array<bool, 256> taken{};
  for (std::size_t i = 1; i < Names.size(); ++i) {
    const unsigned slot = slot_of(Names[i], mix);
    if (taken[slot]) return false;
    taken[slot] = true;
  }
  return true;
}

// The compiler looks for multipliers under which no two names share a slot.
constexpr Mix Perfect = [] {
  for (unsigned size = 1; size < 32; ++size) {
    for (unsigned first = 1; first < 32; ++first) {
      for (unsigned last = 1; last < 16; ++last) {
        if (separates({size, first, last})) return Mix{size, first, last};
      }
    }
  }
  return Mix{0, 0, 0};
}();
static_assert(Perfect.size != 0, "two known names share size, first and last letter");

constexpr std::array<std::uint8_t, 256> Slots = [] {
  std::array<std::uint8_t, 256> slots{};
  for (std::size_t i = 1; i < Names.size(); ++i) {
    slots[slot_of(Names[i], Perfect)] = static_cast<std::uint8_t>(i);
  }
  return slots;
}();

// Whether `name`, folded to lower case, is `known`. Setting bit 5 folds letters and leaves digits
// and '-' alone; nothing but control characters, of which a line has none, becomes one of these.
template <class Word>
bool word_equals_folded(const char* name, const char* known, Word fold) {
  Word a;
  Word b;
  std::memcpy(&a, name, sizeof a);
  std::memcpy(&b, known, sizeof b);
  return (a | fold) == b;
}

bool equal_folded(const char* name, const char* known, std::size_t size) {
  constexpr std::uint64_t Fold8 = 0x2020202020202020ull;
  constexpr std::uint32_t Fold4 = 0x20202020u;
  if (size >= 8) {
    // The last word overlaps the one before: no byte beyond the name is read.
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (!word_equals_folded(name + at, known + at, Fold8)) return false;
    }
    return word_equals_folded(name + size - 8, known + size - 8, Fold8);
  }
  if (size >= 4) {
    return word_equals_folded(name, known, Fold4) &&
           word_equals_folded(name + size - 4, known + size - 4, Fold4);
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (folded(name[at]) != static_cast<unsigned char>(known[at])) return false;
  }
  return true;
}

}  // namespace

std::string_view text_of(FieldName name) { return Names[static_cast<std::size_t>(name)]; }

FieldName recognise(std::string_view name) {
  if (name.empty()) return FieldName::Other;
  const std::uint8_t index = Slots[slot_of(name, Perfect)];
  const std::string_view known = Names[index];
  if (known.size() != name.size()) return FieldName::Other;
  if (!equal_folded(name.data(), known.data(), known.size())) return FieldName::Other;
  return static_cast<FieldName>(index);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), bytes::is_token_byte);
}

#if defined(__SSE2__)
std::size_t find_control(const char* text, std::size_t from, std::size_t to) {
  constexpr std::size_t Block = 16;
  // One bit for each byte of a block.
  const auto controls = [](const char* block) {
    __m128i bytes;
    std::memcpy(&bytes, block, sizeof bytes);
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i is_tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    const __m128i is_del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const __m128i is_control = _mm_or_si128(_mm_andnot_si128(is_tab, is_low), is_del);
    return static_cast<unsigned>(_mm_movemask_epi8(is_control));
  };
  for (; to - from >= Block; from += Block) {
    const unsigned found = controls(text + from);
    if (found != 0) return from + static_cast<std::size_t>(std::countr_zero(found));
  }
  if (from == to) return to;
  std::array<char, Block> rest;  // filled up with what is no control character
  rest.fill(' ');
  std::memcpy(rest.data(), text + from, to - from);
  const unsigned found = controls(rest.data());
  return found == 0 ? to : from + static_cast<std::size_t>(std::countr_zero(found));
}
#else
std::size_t find_control(const char* text, std::size_t from, std::size_t to) {
  while (from < to && !bytes::is_control(text[from])) ++from;
  return from;
}
#endif

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return bytes::lower(x) == bytes::lower(y);
         });
}

}  // namespace vdm::http1
