// Keeps a World busy: requests of several providers that begin, wait, stream and
// end, some badly. For looking at the page, nothing else.

const CAST = [
  ["openai", "gpt-4.1", 0.9],
  ["openai", "gpt-4.1-mini", 0.5],
  ["anthropic", "claude-sonnet-4-5", 1.2],
  ["anthropic", "claude-opus-4-5", 1.6],
  ["openrouter", "deepseek/deepseek-r1:free", 1.1],
  ["poe", "gemini-2.5-pro", 1],
  ["demo", "demo-thinker", 0.8],
];

const CLIENTS = ["claude-code", "sdk-python", "sdk-node", "curl"];

export class Traffic {
  constructor(world, { perSecond = 1.5, random = Math.random } = {}) {
    this.world = world;
    this.perSecond = perSecond;
    this.random = random;
    this.running = new Map();
  }

  begin() {
    const { random, world } = this;
    const [provider, model, pace] = CAST[Math.floor(random() * CAST.length)];
    const row = world.start({
      provider,
      resolved_model: model,
      requested_model: random() < 0.3 ? "sonnet" : `${provider}:${model}`,
      is_streaming: random() < 0.85,
      session: `s-${Math.floor(random() * 5) + 1}f3a9c`,
      agent: random() < 0.3 ? "explorer" : "",
      client: CLIENTS[Math.floor(random() * CLIENTS.length)],
      tool_results: random() < 0.5 ? Math.floor(random() * 5) : 0,
      tool_uses: random() < 0.5 ? Math.floor(random() * 5) : 0,
      request_size: Math.floor(2000 + random() * 180_000),
      message_count: Math.floor(1 + random() * 60),
      credential: provider === "anthropic" && random() < 0.5 ? "subscription" : "key",
      answered_model: random() < 0.05 ? `${model}-lite` : undefined,
    });
    this.running.set(row.request_id, {
      waits: 400 + random() * 2500 * pace,
      speed: 25 + random() * 90,
      length: 60 + random() * 1800,
      fate: random(),
      stall: random() < 0.08,
      input: Math.floor(400 + random() * 24_000),
    });
  }

  /** Refused before its route was found: it has neither a model nor a provider. */
  reject() {
    const row = this.world.start({
      provider: "unknown",
      resolved_model: "unknown",
      requested_model: "",
      client: "",
      credential: null,
    });
    this.world.end(row.request_id, {
      outcome: "rejected",
      http_status: 401,
      error_type: "unauthorized",
      error: "expected a valid key in x-api-key or Authorization: Bearer",
      attempts: [],
    });
  }

  step(elapsedMs) {
    const { random, world } = this;
    if (random() < (this.perSecond * elapsedMs) / 1000) this.begin();
    if (random() < (this.perSecond * elapsedMs) / 20_000) this.reject();
    for (const [id, plan] of this.running) {
      const row = world.active.get(id);
      if (!row) {
        this.running.delete(id);
        continue;
      }
      const age = world.now() - row.start_time * 1000;
      if (row.phase === "connecting" && age > 120) world.progress(id, { phase: "waiting" });
      if (plan.fate < 0.06 && age > plan.waits) this.fail(id, plan);
      else if (row.phase === "waiting" && age > plan.waits && row.is_streaming) {
        world.progress(id, {
          phase: "streaming",
          ttft_ms: Math.round(age),
          input_tokens: plan.input,
          cache_read_tokens: plan.fate > 0.5 ? plan.input * 3 : 0,
          output_tokens: 1,
          tokens_per_second: null,
          idle_ms: 0,
        });
      } else if (row.phase === "streaming") this.grow(id, row, plan, elapsedMs);
      else if (!row.is_streaming && age > plan.waits * 3) {
        world.progress(id, {
          input_tokens: plan.input,
          output_tokens: Math.floor(plan.length / 3),
        });
        world.end(id);
      }
    }
  }

  grow(id, row, plan, elapsedMs) {
    const { random, world } = this;
    if (plan.stall && row.output_tokens > plan.length / 3) {
      plan.stalledFor = (plan.stalledFor ?? 0) + elapsedMs;
      if (plan.stalledFor < 40_000) {
        if (plan.stalledFor === elapsedMs)
          world.progress(id, { tokens_per_second: 0, idle_ms: 400 });
        return;
      }
      plan.stall = false;
    }
    const more = (plan.speed * elapsedMs * (0.6 + random() * 0.8)) / 1000;
    plan.exact = (plan.exact ?? 1) + more;
    world.progress(id, {
      output_tokens: Math.floor(plan.exact),
      tokens_per_second: plan.speed * (0.9 + random() * 0.2),
      tool_calls: plan.fate > 0.7 && plan.exact > plan.length / 2 ? 1 : 0,
      idle_ms: 20,
    });
    if (plan.exact >= plan.length) {
      const outcome = plan.fate > 0.96 ? "client_cancelled" : "ok";
      world.end(id, { outcome, finish_reason: plan.fate > 0.7 ? "tool_use" : "end_turn" });
    }
  }

  fail(id, plan) {
    const rate = plan.fate < 0.03;
    this.world.end(id, {
      outcome: plan.fate < 0.05 ? "upstream_error" : "timeout",
      http_status: rate ? 429 : 504,
      error_type: rate ? "rate_limit_error" : "timeout_error",
      error: rate
        ? "This request would exceed the account's rate limit of 400,000 input tokens per minute."
        : "The provider sent nothing for 90 s.",
    });
  }
}
