#include "proxy-service/body/json_members.h"

#include <utility>

#include "proxy-service/body/json_text.h"

namespace vdm::proxy {

void JsonMembers::push(std::string_view bytes) {
  if (over()) return;
  for (const char c : bytes) {
    take(c);
    ++at_;
  }
}

void JsonMembers::clear() {
  for (Member& member : members_) member = {};
  found_ = NamesMax;
  at_ = depth_ = 0;
  state_ = State::Begin;
  in_string_ = escaped_ = false;
}

void JsonMembers::take(char c) {
  switch (state_) {
    case State::Begin:
      if (!is_json_space(c)) state_ = c == '{' ? State::BeforeKey : State::Over;
      return;
    case State::BeforeKey:
      if (is_json_space(c)) return;
      key_.clear();
      key_cut_ = false;
      state_ = c == '"' ? State::Key : State::Over;
      return;
    case State::Key:
      return take_key(c);
    case State::AfterKey:
      if (!is_json_space(c)) state_ = c == ':' ? State::BeforeValue : State::Over;
      return;
    case State::BeforeValue:
      if (!is_json_space(c)) begin_value(c);
      return;
    case State::Text:
      keep(c);
      if (ends_string(c)) end_value(at_ + 1);
      return;
    case State::Nested:
      return take_nested(c);
    case State::Word:
      if (c != ',' && c != '}' && !is_json_space(c)) return keep(c);
      end_value(at_);
      return after_value(c);
    case State::AfterValue:
      return after_value(c);
    case State::Over:
      return;
  }
}

bool JsonMembers::ends_string(char c) {
  if (std::exchange(escaped_, false)) return false;
  escaped_ = c == '\\';
  return c == '"';
}

void JsonMembers::take_key(char c) {
  if (ends_string(c)) {
    state_ = State::AfterKey;
  } else if (key_.size() < KeyBytesMax) {
    key_.push_back(c);
  } else {
    key_cut_ = true;
  }
}

void JsonMembers::begin_value(char c) {
  for (std::size_t i = 0; i < names_.size() && !key_cut_; ++i) {
    if (!key_is(key_, names_[i])) continue;
    found_ = i;
    reading_.value.clear();
    reading_.too_long = false;
    reading_.range.begin = static_cast<std::size_t>(at_);
  }
  keep(c);
  state_ = State::Word;
  if (c == '"') state_ = State::Text;
  if (c != '{' && c != '[') return;
  state_ = State::Nested;
  depth_ = 1;
}

void JsonMembers::take_nested(char c) {
  keep(c);
  if (in_string_) {
    in_string_ = !ends_string(c);
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if ((c == '}' || c == ']') && --depth_ == 0) {
    end_value(at_ + 1);
  }
}

void JsonMembers::end_value(std::uint64_t end) {
  state_ = State::AfterValue;
  if (found_ == NamesMax) return;
  Member& member = members_[std::exchange(found_, NamesMax)];
  reading_.range.size = static_cast<std::size_t>(end) - reading_.range.begin;
  reading_.times = member.times + 1;
  std::swap(member, reading_);
}

void JsonMembers::after_value(char c) {
  if (is_json_space(c)) return;
  state_ = c == ',' ? State::BeforeKey : State::Over;
}

void JsonMembers::keep(char c) {
  if (found_ == NamesMax) return;
  if (reading_.value.size() < value_bytes_max_) {
    reading_.value.push_back(c);
  } else {
    reading_.too_long = true;
  }
}

}  // namespace vdm::proxy
