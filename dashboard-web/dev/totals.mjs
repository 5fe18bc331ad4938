// Sums of which nothing has been counted yet: what the make-believe gateway and
// the tests' rows begin with.

export const zeroTotals = () => ({
  requests: 0,
  errors: 0,
  cancelled: 0,
  lost: 0,
  active: 0,
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_creation_tokens: 0,
  reasoning_tokens: 0,
  tool_uses: 0,
  tool_results: 0,
  tool_calls: 0,
  model_mismatches: 0,
  average_duration_ms: 0,
  total_duration_ms: 0,
  p50_ms: null,
  p95_ms: null,
  ttft_p50_ms: null,
  ttft_p95_ms: null,
  last_accessed: null,
});
