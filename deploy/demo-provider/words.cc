#include "deploy/demo-provider/words.h"

#include <array>

#include <absl/strings/ascii.h>

#include "common/base/digest.h"

namespace vdm::demo {
namespace {

constexpr std::size_t TokenBytesMax = 8;

bool is_space(char c) { return c == ' ' || c == '\n'; }
bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t token_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_space(text[size])) ++size;
  const std::size_t word = size;
  while (size < text.size() && !is_space(text[size])) {
    if (size - word >= TokenBytesMax && !continues_a_character(text[size])) break;
    ++size;
  }
  return size;
}

struct Text {
  std::array<std::string_view, 3> mentions;
  std::array<std::string_view, 3> paragraphs;
};

constexpr std::array<Text, 8> Texts{{
    {{"lighthouse", "light", "sea"},
     {"The lens is the clever part. Before 1823 a lighthouse was a bonfire with ambitions: most of "
      "its light "
      "went up, down and inland, where no ship has ever needed it. Augustin Fresnel noticed that a "
      "lens bends "
      "light only at its surfaces, so the glass in between is ballast. He cut it away and kept the "
      "rings.",
      "What is left looks like a glass beehive, weighs a third of what it should, and throws the "
      "light of a "
      "single oil lamp past the horizon, about 32 km out. The rotating ones turned in a bath of "
      "mercury so "
      "smoothly that a keeper could push five tonnes with one finger, which is also why so many "
      "keepers went "
      "a little strange.",
      "Each light has its own rhythm, its *characteristic*: \"Fl(2) 10s\" on a chart is two "
      "flashes every ten "
      "seconds, and no neighbour has the same. It is an identifier, broadcast in the only protocol "
      "everyone "
      "on board could read at three in the morning."}},
    {{"sky", "blue", "colour"},
     {"Sunlight is every colour at once. On its way through the air it meets molecules far smaller "
      "than its "
      "wavelength, and those scatter the short waves much more than the long ones: by the fourth "
      "power, so "
      "blue is sent astray about five times as readily as red.",
      "By that rule the sky should be violet. It is not, for two reasons: the sun gives off less "
      "violet than "
      "blue, and our eyes have no cone that peaks there. What we see is the mixture that is left, "
      "and the "
      "brain calls it sky blue.",
      "At sunset the light crosses forty times as much air. The blue has been spent on somebody "
      "else's "
      "afternoon, and what reaches you is red. On Mars it is the other way round: dust makes the "
      "day butter "
      "coloured and the sunset blue."}},
    {{"slow start", "tcp", "network"},
     {"A new TCP connection knows nothing about the road ahead, so it sends ten packets and "
      "listens. For each "
      "acknowledgement it allows itself one more, which doubles the pace every round trip: 10, 20, "
      "40, 80. The "
      "name *slow start* is a joke by people who had seen what came before.",
      "It goes on until something is lost. Loss is how the network says no; there is no other word "
      "for it in "
      "the protocol. The sender halves its window and from then on adds one packet a round trip, "
      "feeling its "
      "way up, falling, feeling its way up again: the famous saw tooth.",
      "This is why reuse of a connection is worth so much. The hundredth request on a warm "
      "connection starts "
      "at full speed; the first request on a cold one spends three or four round trips being "
      "polite:\n\n"
      "```\nround trip   1    2    3    4\npackets     10   20   40   80\n```\n"}},
    {{"bread", "recipe", "cook"},
     {"You need four things and a night. **500 g flour, 350 g water, 10 g salt, 1 g dry yeast.** "
      "Stir until "
      "no flour is dry, cover it, and go away. Twelve hours at room temperature do what ten "
      "minutes of "
      "kneading would do, and taste better for it.",
      "In the morning fold the dough over itself four times, like closing an envelope. Let it rest "
      "for an hour "
      "while an iron pot heats up in the oven to 240 °C. The pot matters: it keeps the steam in, "
      "and steam is "
      "what lets the crust stay soft long enough to rise.",
      "Thirty minutes with the lid, fifteen without. Then comes the hard part, which is waiting: "
      "bread that is "
      "cut hot is gummy, because its starch is still setting. Listen to it instead. A good crust "
      "crackles as "
      "it cools; bakers say that it sings. ✓"}},
    {{"memory", "cache", "fast"},
     {"If a register were a thought, taking one second, then the first-level cache is four seconds "
      "away, the "
      "last-level cache forty, and main memory about four minutes. An SSD is two days. The "
      "spinning disk of our "
      "childhood is most of a year, and a packet to the other side of the world takes five.",
      "So the speed of a program is mostly the distance of its data. Two loops that do the same "
      "additions can "
      "differ by a factor of ten because one walks along the rows and the other down the columns, "
      "and the "
      "cache fetches rows.",
      "The remedy is dull and works: keep together what is used together, make it smaller, touch "
      "it in order. "
      "And measure, since the machine has been rearranging your code behind your back the whole "
      "time."}},
    {{"poem", "write", "story"},
     {"The river keeps no copy of the rain,\nit takes what falls and hands it to the sea;\nand yet "
      "each spring "
      "the same wet streets again\nare full of what the river used to be.",
      "The clerk who counts the drops has gone to lunch.\nHis ledger lies there open in the "
      "wet;\nhe had a "
      "theory, call it just a hunch,\nthat what is lost is only not here yet.",
      "Some windows light. A kettle starts to sing.\nThe gutters speak in sentences of tin.\nYou "
      "need not hold "
      "on hard to anything:\nthe door is open, and the rain comes in."}},
    {{"language", "word", "translate"},
     {"Some words refuse to travel. Portuguese *saudade* is missing someone and rather liking it. "
      "Japanese "
      "木漏れ日 (*komorebi*) is sunlight that has come through leaves. German has *Feierabend*, "
      "the moment "
      "work is over, said with a small sigh. Each takes a sentence in English, and the sentence is "
      "never it.",
      "Linguists used to think that such words shape what one can think. The strong form of that "
      "is wrong: you "
      "understood all three just now. The weak form holds up. Speakers of Russian, who have two "
      "words for blue, "
      "tell two blues apart a few milliseconds sooner.",
      "A good translator therefore does not translate words. She asks what the sentence was for, "
      "and writes one "
      "that does the same. \"It's raining cats and dogs\" becomes *il pleut des cordes*; no animal "
      "is harmed. 🙂"}},
    {{"bee", "animal", "nature"},
     {"A honey bee that has found something good goes home and dances. She runs straight ahead on "
      "the comb, "
      "shaking, then circles back and does it again. The angle of the run against the vertical is "
      "the angle of "
      "the food against the sun; each second of shaking is about a kilometre.",
      "The comb is dark and the sun is outside, so she is translating: gravity stands in for the "
      "sun. If she "
      "dances for long she even corrects for the sun's movement meanwhile, although she has not "
      "seen it since "
      "she came in.",
      "What the others do with this is more interesting still. They do not all obey. About half "
      "compare it with "
      "what they remember, and go where they went yesterday. A swarm is not a computer executing "
      "instructions; "
      "it is a parliament with very good manners."}},
}};

const Text& text_about(std::string_view asked) {
  const std::string question = absl::AsciiStrToLower(absl::string_view(asked.data(), asked.size()));
  for (const Text& text : Texts) {
    for (const std::string_view word : text.mentions) {
      if (question.find(word) != std::string::npos) return text;
    }
  }
  return Texts[fnv1a_64(asked) % Texts.size()];
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    const std::size_t size = token_size(text);
    tokens.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return tokens;
}

std::uint64_t count_tokens(std::string_view text) {
  std::uint64_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(token_size(text));
  return count;
}

std::string answer_to(std::string_view asked) {
  const Text& text = text_about(asked);
  const std::size_t paragraphs = 1 + (fnv1a_64(asked) >> 8) % text.paragraphs.size();
  std::string answer(text.paragraphs[0]);
  for (std::size_t i = 1; i < paragraphs; ++i) answer.append("\n\n").append(text.paragraphs[i]);
  return answer;
}

std::string thoughts_about(std::string_view asked) {
  const std::size_t words = 1 + count_tokens(asked);
  return "The question has about " + std::to_string(words) +
         " tokens, so it is probably not a trick. What would help? First the one fact that makes "
         "the rest "
         "follow, then the part that surprises people, then where it stops being true. I am a demo "
         "and know "
         "eight subjects; the nearest one to this is \"" +
         std::string(text_about(asked).mentions[0]) +
         "\". Short sentences. No lists unless they earn it.";
}

}  // namespace vdm::demo
