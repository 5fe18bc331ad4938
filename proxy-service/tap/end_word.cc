#include "proxy-service/tap/end_word.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace vdm::proxy {
namespace {

using enum EndMeaning;

struct EndWord {
  std::string_view word;  ///< in lower case, '-' as '_'
  EndMeaning meaning;
};

// Whose word each is. Where the maker lists them:
//   openai      platform.openai.com/docs/api-reference/chat/object; Responses: incomplete_details
//   anthropic   platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
//   mistral     docs.mistral.ai/api, ChatCompletionChoice
//   deepseek    api-docs.deepseek.com/api/create-chat-completion
//   zai         docs.z.ai/api-reference/llm/chat-completion
//   mimo        platform.xiaomimimo.com, Xiaomi's models there and at others
//   gemini      ai.google.dev/api/generate-content#FinishReason; Vertex AI has the same and more
//   bedrock     docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
//   cohere      docs.cohere.com/reference/chat, ChatFinishReason
//   watsonx     cloud.ibm.com/apidocs/watsonx-ai, stop_reason
//   openrouter  openrouter.ai/docs/api-reference/overview; native_finish_reason is the maker's own
//   vllm        github.com/vllm-project/vllm, vllm/v1/engine: FinishReason
//   sglang      github.com/sgl-project/sglang, managers/schedule_batch: FINISH_ABORT
//   dashscope   help.aliyun.com/zh/model-studio: "null" for as long as an answer goes on
// A word that none of them lists, such as eos or COMPLETE, is an ordinary end.
constexpr EndWord Words[] = {
    {"abort", Failed},                               // vllm, sglang
    {"aborted", Failed},                             // deepseek
    {"blocklist", Filtered},                         // gemini
    {"cancelled", Failed},                           // watsonx
    {"content_blocked", Filtered},                   // gemini
    {"content_filter", Filtered},                    // openai
    {"content_filtered", Filtered},                  // bedrock
    {"error", Failed},                               // openrouter, mistral, cohere, watsonx, vllm
    {"error_limit", ContextFull},                    // cohere
    {"error_toxic", Filtered},                       // cohere
    {"failed", Failed},                              // openai, responses
    {"finish_reason_unspecified", GoesOn},           // gemini
    {"function_call", Tools},                        // openai, before tool_calls
    {"guardrail_intervened", Filtered},              // bedrock
    {"image_other", Failed},                         // gemini
    {"image_prohibited_content", Filtered},          // gemini
    {"image_recitation", Filtered},                  // gemini
    {"image_safety", Filtered},                      // gemini
    {"insufficient_system_resource", Failed},        // deepseek
    {"jailbreak", Filtered},                         // vertex
    {"language", Filtered},                          // gemini
    {"length", Length},                              // openai
    {"malformed_function_call", Failed},             // gemini
    {"malformed_model_output", Failed},              // bedrock
    {"malformed_tool_call", Failed},                 // gemini
    {"malformed_tool_use", Failed},                  // bedrock
    {"max_output_tokens", Length},                   // openai, responses
    {"max_tokens", Length},                          // anthropic, gemini, bedrock, cohere, watsonx
    {"missing_thought_signature", Failed},           // gemini
    {"model_armor", Filtered},                       // vertex
    {"model_context_window_exceeded", ContextFull},  // anthropic, bedrock, zai
    {"model_length", Length},                        // mistral
    {"network_error", Failed},                       // zai
    {"no_image", Failed},                            // gemini
    {"not_finished", GoesOn},                        // watsonx
    {"null", GoesOn},                                // dashscope
    {"prohibited_content", Filtered},                // gemini
    {"recitation", Filtered},                        // gemini
    {"refusal", Filtered},                           // anthropic
    {"repetition", Length},                          // vllm, when it looks for repetition
    {"repetition_truncation", Length},               // mimo
    {"safety", Filtered},                            // gemini
    {"sensitive", Filtered},                         // zai, and Tencent's hunyuan
    {"server_error", Failed},                        // openai, responses: the error's code
    {"spii", Filtered},                              // gemini
    {"time_limit", Length},                          // watsonx
    {"timeout", Failed},                             // cohere
    {"token_limit", ContextFull},                    // watsonx
    {"too_many_tool_calls", Failed},                 // gemini
    {"tool_call", Tools},                            // cohere
    {"tool_calls", Tools},                           // openai
    {"tool_use", Tools},                             // anthropic, bedrock
    {"unexpected_tool_call", Failed},                // gemini
    {"user_cancel", Failed},                         // cohere
};
static_assert(std::ranges::is_sorted(Words, {}, &EndWord::word));

constexpr std::size_t LongestWord =
    std::ranges::max(Words, {}, [](const EndWord& each) { return each.word.size(); }).word.size();

char folded(char c) {
  if (c == '-') return '_';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

EndMeaning meaning_of_end(std::string_view word) {
  // Nearly every answer ends with one of these.
  const JsonKey usual(word);
  if (usual == "stop" || usual == "end_turn") return Ended;
  if (usual == "tool_calls" || usual == "tool_use") return Tools;
  if (word.size() > LongestWord) return Ended;
  std::array<char, LongestWord> memory;
  const auto end = std::ranges::transform(word, memory.begin(), folded).out;
  const std::string_view low(memory.data(), static_cast<std::size_t>(end - memory.begin()));
  const auto found = std::ranges::lower_bound(Words, low, {}, &EndWord::word);
  return found != std::end(Words) && found->word == low ? found->meaning : Ended;
}

bool read_end(JsonWalk& walk, EndReading& end) {
  const auto word = walk.string_or_skip();
  if (!word || word->empty()) return true;
  const EndMeaning meaning = meaning_of_end(*word);
  if (meaning == EndMeaning::Failed) end.failure = *word;
  if (meaning != EndMeaning::GoesOn) end.word = *word;
  return true;
}

bool read_native_end(JsonWalk& walk, EndReading& end) {
  const auto word = walk.string_or_skip();
  const bool failed = word && meaning_of_end(*word) == EndMeaning::Failed;
  if (failed && end.failure.empty()) end.failure = *word;
  return true;
}

}  // namespace vdm::proxy
