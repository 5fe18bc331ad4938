// Requests whose every text tries to be something else: markup, formulas, very
// long, right-to-left, control characters. The page must show them as text.

export const EVIL = [
  "<img src=x onerror=\"document.title='owned'\">",
  "<script>document.title='owned'</script>",
  "\"><svg onload=document.title='owned'>",
  "javascript:document.title='owned'",
  "{{constructor.constructor('document.title=1')()}}",
  '=HYPERLINK("http://127.0.0.1:1/","x")',
  `${"long-".repeat(60)}end`,
  "\u202Eevil\u202C \u0000\u0007 ’“<b>bold</b>",
  "__proto__",
  "constructor",
];

export function hostile(world) {
  for (const text of EVIL) {
    const facts = {
      provider: text,
      resolved_model: text,
      requested_model: text,
      session: text,
      agent: text,
      client: text,
      trace_id: text,
      kind: text,
      credential: text,
      answered_model: text,
      phase: text,
    };
    world.start({ ...facts, request_id: `live ${text}` });
    const row = world.start({ ...facts, request_id: `done ${text}` });
    world.end(row.request_id, {
      outcome: EVIL.indexOf(text) % 2 ? text : "upstream_error",
      error: text,
      error_type: text,
      finish_reason: text,
      user_agent: text,
    });
  }
  world.setProxy(world.proxies[0].proxy, { version: EVIL[0], proxy: EVIL[1] });
  world.setDegraded([EVIL[0]]);
}
