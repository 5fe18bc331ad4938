#include "proxy-service/worker/learned_facts.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vdm::proxy {

void LearnedFacts::learn(Lesson lesson, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(lessons_, [&](const Lesson& each) {
    return each.until <= now || (each.provider == lesson.provider && each.model == lesson.model &&
                                 each.member == lesson.member);
  });
  if (lessons_.size() >= LessonsMax) lessons_.erase(lessons_.begin());
  lesson.until = now + Kept;
  lessons_.push_back(std::move(lesson));
  any_.store(true, std::memory_order_release);
}

void LearnedFacts::apply(std::string_view provider, std::string_view model, MonotonicTime now,
                         ModelFacts& facts) const {
  if (!any_.load(std::memory_order_acquire)) return;
  const std::lock_guard lock(mutex_);
  for (const Lesson& lesson : lessons_) {
    if (lesson.until <= now || lesson.provider != provider || lesson.model != model) continue;
    lesson.facts.apply_to(facts, FactsRow::Part::Abilities);
  }
}

std::vector<std::string> LearnedFacts::refused(std::string_view provider, std::string_view model,
                                               MonotonicTime now) const {
  std::vector<std::string> members;
  if (!any_.load(std::memory_order_acquire)) return members;
  const std::lock_guard lock(mutex_);
  for (const Lesson& lesson : lessons_) {
    const bool holds = lesson.until > now && lesson.provider == provider && lesson.model == model;
    if (holds) members.push_back(lesson.member);
  }
  return members;
}

std::vector<LearnedFacts::Lesson> LearnedFacts::lessons(MonotonicTime now) const {
  std::vector<Lesson> held;
  {
    const std::lock_guard lock(mutex_);
    std::ranges::copy_if(lessons_, std::back_inserter(held),
                         [now](const Lesson& lesson) { return lesson.until > now; });
  }
  std::ranges::sort(held, {}, [](const Lesson& lesson) {
    return std::tie(lesson.provider, lesson.model, lesson.member);
  });
  return held;
}

}  // namespace vdm::proxy
