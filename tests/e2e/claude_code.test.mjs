// Claude Code itself through the proxy, in front of either dialect: what it printed, what the provider was asked, and
// that the live list and the traces say the same. Each test has a model of its own on the system they share.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  ClaudeCode, Gate, awaited, calls, cutAfter, eventually, fails, failsAfter, forEachUpstream, held, inTurn, model,
  onePixel, suite, text, thinking, within,
} from './harness/index.mjs';

const usage = { input: 1200, output: 34, cacheRead: 560, cacheCreation: 78 };

const allowed = (...tools) => ['--allowedTools', ...tools];
const turnsOf = (conversation, role) => conversation.turns.filter((turn) => turn.role === role).length;
const systemPrompt = /You are a Claude agent/;
const billingHeader = /x-anthropic-billing-header/;

forEachUpstream('anthropic', (upstream) => {
  suite(`Claude Code in front of the ${upstream.dialect} dialect`, {
    concurrency: 2, skip: upstream.skip, timeout: 90_000,
  }, (system, it) => {
    /** One Claude Code whose every request is answered so. */
    function claude(t, name, answer, env = {}) {
      system.provider.answer(name, answer);
      const code = new ClaudeCode({ url: system.proxy.url, model: upstream.model(name), env });
      t.after(() => code.remove());
      return code;
    }

    /** The finished requests of a model, once there are so many that went well. */
    const finished = (name, count) => eventually(`${count} requests for ${name} are finished`, async () => {
      const traces = (await system.traces()).filter((trace) => trace.resolved_model === name);
      return traces.filter((trace) => trace.outcome === 'ok').length === count && traces;
    });

    it('prints an answer; client, provider, trace and totals agree on the usage', async (t) => {
      const code = claude(t, 'plain', text('Hello there, friend.', { usage }));

      const end = await code.print('say hi');

      assert.equal(end.code, 0, end.stderr);
      assert.equal(end.text, 'Hello there, friend.');
      assert.deepEqual([end.result.usage.input_tokens, end.result.usage.output_tokens,
        end.result.usage.cache_read_input_tokens, end.result.usage.cache_creation_input_tokens],
      [usage.input, usage.output, usage.cacheRead, usage.cacheCreation]);
      const [exchange, ...more] = system.provider.seen('plain');
      assert.deepEqual(more, []);
      assert.match(exchange.conversation.asked, /say hi/);
      assert.match(exchange.conversation.system, systemPrompt);
      assert.match(exchange.conversation.system, /# Environment/, 'system text among the messages is kept');
      assert.ok(exchange.conversation.tools.includes('Bash'));
      assert.equal(exchange.conversation.maxTokens, 32_000);
      const [trace] = await finished('plain', 1);
      assert.deepEqual([trace.input_tokens, trace.output_tokens, trace.cache_read_tokens, trace.cache_creation_tokens],
        [usage.input, usage.output, usage.cacheRead, usage.cacheCreation]);
      assert.equal(trace.is_streaming, true);
      assert.equal(trace.estimated, false);
      const { total } = (await system.totals()).providers[trace.provider].models.plain;
      assert.equal(total.output_tokens, usage.output);
    });

    it('is on the live list while it runs, once, and not after', async (t) => {
      const gate = new Gate();
      const code = claude(t, 'running', held(gate, { usage }));
      const mine = async () => (await system.active()).filter((row) => row.resolved_model === 'running');

      const running = code.print('take your time');
      const [row, ...more] = await eventually('it runs', async () => {
        const rows = await mine();
        return rows.length > 0 && rows;
      }, { within: 90_000 });
      gate.open();
      const end = await running;

      assert.deepEqual(more, []);
      assert.equal(row.requested_model, upstream.model('running'));
      assert.equal(row.is_streaming, true);
      assert.equal(end.text, 'first rest');
      await finished('running', 1);
      assert.deepEqual(await mine(), []);
    });

    it('goes on with a conversation, by --continue and by --resume', async (t) => {
      const code = claude(t, 'turns', model((conversation) => (
        text(`You have spoken ${turnsOf(conversation, 'user')} times, I ${turnsOf(conversation, 'assistant')}.`))));

      const first = await code.print('one');
      const second = await code.print('two', { args: ['--continue'] });
      const third = await code.print('three', { args: ['--resume', first.result.session_id] });

      assert.deepEqual([first.text, second.text, third.text], [
        'You have spoken 1 times, I 0.', 'You have spoken 2 times, I 1.', 'You have spoken 3 times, I 2.']);
      const { turns } = system.provider.seen('turns').at(-1).conversation;
      assert.match(turns[0].text, /one/);
      assert.deepEqual(turns.filter((turn) => turn.role === 'assistant').map((turn) => turn.text),
        [first.text, second.text]);
      await finished('turns', 3);
    });

    it('runs a tool and answers with what it gave', async (t) => {
      const code = claude(t, 'tool', model(({ results }) => (results.length
        ? text(`It printed ${results[0].text}.`, { usage })
        : calls([{ name: 'Bash', input: { command: 'echo forty-$((40 + 2))' } }], { words: 'Let me see.', usage }))));

      const end = await code.print('run it', { args: allowed('Bash') });

      assert.equal(end.text, 'It printed forty-42.');
      assert.equal(end.result.usage.output_tokens, 2 * usage.output);
      assert.equal(end.result.usage.input_tokens, 2 * usage.input);
      const [call, result] = system.provider.seen('tool')[1].conversation.turns.slice(-2);
      assert.equal(call.text, 'Let me see.');
      assert.equal(call.calls[0].id, result.results[0].id);
      const traces = await finished('tool', 2);
      assert.deepEqual(traces.map((trace) => trace.tool_call_count).sort(), [0, 1]);
    });

    it('writes the very file it was told to', async (t) => {
      const content = 'first "line"\n\tzweite Zeile: grün, \u4e16\u754c \u{1f600}\n\\n is not a line end\n';
      let path;
      const code = claude(t, 'write', model(({ results }) => (results.length
        ? text('Written.') : calls([{ name: 'Write', input: { file_path: path, content } }]))));
      path = code.path('note.txt');

      const end = await code.print('write it', { args: allowed('Write') });

      assert.equal(end.text, 'Written.');
      assert.equal(readFileSync(path, 'utf8'), content);
    });

    it('runs several tools of one answer, and each result finds its call', async (t) => {
      const commands = ['echo one', 'echo two; exit 3', 'echo three'];
      const code = claude(t, 'parallel', model(({ turns, results }) => {
        if (!results.length) return calls(commands.map((command) => ({ name: 'Bash', input: { command } })));
        return text(turns.at(-2).calls.map(({ id }) => results.find((result) => result.id === id).text).join(' | '));
      }));

      const end = await code.print('run all', { args: allowed('Bash') });

      assert.match(end.text, /^one \| [^|]*two[^|]* \| three$/s);
      assert.match(end.text, /Exit code 3/);
      const uses = end.events.filter((event) => event.type === 'assistant')
        .flatMap((event) => event.message.content).filter((block) => block.type === 'tool_use');
      assert.deepEqual(uses.map((block) => block.input.command), commands);
      const traces = await finished('parallel', 2);
      assert.deepEqual(traces.map((trace) => trace.tool_call_count).sort(), [0, 3]);
    });

    it('shows thinking before the answer, and is understood when the conversation goes on', async (t) => {
      // A name that a proxy knows to think: an unknown model is not asked to.
      const code = claude(t, 'gpt-5-thinker', thinking('Let me think about it.', 'Forty-two.',
        { usage: { ...usage, reasoning: 21 } }));

      const end = await code.print('think');
      const again = await code.print('again', { args: ['--continue'] });

      const blocks = end.events.filter((event) => event.type === 'assistant').flatMap((event) => event.message.content);
      assert.deepEqual(blocks.map((block) => block.type), ['thinking', 'text']);
      assert.equal(blocks[0].thinking, 'Let me think about it.');
      assert.equal(end.text, 'Forty-two.');
      assert.equal(end.result.usage.output_tokens_details.thinking_tokens, 21);
      assert.equal(again.text, 'Forty-two.');
      const { body } = system.provider.seen('gpt-5-thinker')[0];
      assert.equal(upstream.dialect === 'openai' ? body.reasoning_effort : body.output_config.effort, 'high');
      await finished('gpt-5-thinker', 2);
    });

    it('asks a sub-agent and hears its answer', async (t) => {
      const task = { description: 'find the colour', prompt: 'Which colour is it?', subagent_type: 'general-purpose',
        run_in_background: false };
      const code = claude(t, 'boss', model(({ asked, results }) => {
        if (asked.includes(task.prompt)) return text('It is blue.');
        return results.length ? text(`The agent says: ${results[0].text}`) : calls([{ name: 'Task', input: task }]);
      }));

      const end = await code.print('ask an agent', { args: allowed('Task', 'Agent') });

      assert.match(end.text, /^The agent says: .*It is blue\./s);
      assert.equal(end.result.subagent_stats.completed, 1);
      assert.equal(system.provider.seen('boss').length, 3);
      await finished('boss', 3);
    });

    it('finds a deferred tool and can then call it', async (t) => {
      const code = claude(t, 'seeker', model(({ turns, tools, results }) => {
        if (turnsOf({ turns }, 'assistant') === 0) {
          return calls([{ name: 'ToolSearch', input: { query: 'select:CronList' } }]);
        }
        if (turnsOf({ turns }, 'assistant') === 1) {
          return tools.includes('CronList') ? calls([{ name: 'CronList', input: {} }]) : text('There is no such tool.');
        }
        return text(results[0].text);
      }));

      const end = await code.print('which jobs?', { args: allowed('ToolSearch', 'CronList') });

      assert.match(end.text, /No scheduled jobs/);
      const [before, after] = system.provider.seen('seeker').map((exchange) => exchange.conversation.tools);
      assert.ok(!before.includes('CronList') && after.includes('CronList'));
      assert.ok(!before.includes('DeferredToolPlaceholder') && !after.includes('DeferredToolPlaceholder'));
    });

    it('shows the model a picture it has read', async (t) => {
      let path;
      const code = claude(t, 'painter', model(({ turns, results }) => (results.length
        ? text(`I see ${turns.at(-1).images.length} picture.`)
        : calls([{ name: 'Read', input: { file_path: path } }]))));
      path = code.path('pixel.png');
      writeFileSync(path, Buffer.from(onePixel, 'base64'));

      const end = await code.print('look', { args: allowed('Read') });

      assert.equal(end.text, 'I see 1 picture.');
      assert.deepEqual(system.provider.seen('painter')[1].conversation.turns.at(-1).images,
        [`data:image/png;base64,${onePixel}`]);
    });

    const passing = {
      'overloaded (529)': fails(529, 'Overloaded', { type: 'overloaded_error' }),
      'broken (500)': fails(500, 'Internal server error', { type: 'api_error' }),
      'asking for patience (429)': fails(429, 'Slow down',
        { type: 'rate_limit_error', headers: { 'retry-after': '1' } }),
      'cut off in the middle of a stream': cutAfter(3),
      'failing in the middle of a stream': failsAfter(3, 'Overloaded', { type: 'overloaded_error' }),
    };
    for (const [fault, failing] of Object.entries(passing)) {
      it(`gets over a provider that was ${fault} once`, async (t) => {
        const name = fault.replace(/\W+/g, '-');
        const code = claude(t, name, inTurn(failing, text('Fine now.')));

        const end = await code.print('hi');

        assert.equal(end.text, 'Fine now.');
        assert.equal(end.result.is_error, false);
        assert.equal(system.provider.seen(name).length, 2);
        assert.ok(end.events.every((event) => !JSON.stringify(event.message?.content ?? '').includes('word1')),
          'nothing of the broken answer is left');
        await finished(name, 1);
      });
    }

    const lasting = {
      'a request it does not understand': { status: 400, type: 'invalid_request_error', says: /400.*it is too large/s },
      'a model it does not have': { status: 404, type: 'not_found_error', says: /issue with the selected model/ },
      'a key it does not know': { status: 401, type: 'authentication_error', says: /401|authenticat/i },
    };
    for (const [refused, { status, type, says }] of Object.entries(lasting)) {
      it(`says that the provider refused ${refused}`, async (t) => {
        const name = `refused-${status}`;
        const code = claude(t, name, fails(status, 'it is too large', { type }), { CLAUDE_CODE_MAX_RETRIES: '1' });

        const end = await code.print('hi');

        assert.notEqual(end.code, 0);
        assert.equal(end.result.is_error, true);
        assert.match(end.text, says);
        const trace = await system.trace((each) => each.resolved_model === name);
        assert.equal(trace.outcome, 'upstream_error');
        assert.equal(trace.http_status, status);
      });
    }

    it('closes the provider within a second when it is stopped', async (t) => {
      const code = claude(t, 'stopped', held(new Gate()));
      const program = code.start('take your time');
      t.after(() => program.kill());
      const exchange = await system.provider.arrival('stopped', { within: 30_000 });
      await eventually('it runs', async () => (await system.active()).some((row) => row.resolved_model === 'stopped'));

      program.signal('SIGTERM');
      await within(10_000, 'Claude Code ends', program.exited);
      await within(1000, 'the provider is closed', exchange.closed);

      const trace = await system.trace((each) => each.resolved_model === 'stopped');
      assert.equal(trace.outcome, 'client_cancelled');
      assert.equal(system.provider.seen('stopped').length, 1);
    });

    it('counts its context, many counts at once, and nobody pays for a completion', async (t) => {
      const code = claude(t, 'counted', text('Hello.'));

      const end = await code.print('/context');

      assert.equal(end.code, 0, end.stderr);
      assert.match(end.text, /Context Usage/);
      const tokens = /System prompt \| ([\d.]+)(k?) \|/.exec(end.text);
      assert.ok(tokens && Number(tokens[1]) > 0, end.text);
      assert.deepEqual(system.provider.seen('counted'), []);
      const counts = system.provider.counted('counted').length;
      if (upstream.dialect === 'anthropic') assert.ok(counts >= 10, `${counts} counts`);
      else assert.equal(counts, 0, 'this dialect has no such question');
    }, { skip: awaited('count_tokens') });

    if (upstream.dialect === 'anthropic') {
      it('reaches the provider unchanged but for model and key', async (t) => {
        const code = claude(t, 'unchanged', text('Hello.'));

        await code.print('hi');

        const [{ path, headers, body, raw }] = system.provider.seen('unchanged');
        assert.equal(path, '/v1/messages?beta=true');
        assert.match(headers['anthropic-beta'], /^claude-code-\d+,/);
        assert.match(headers['x-claude-code-session-id'], /^[0-9a-f-]{36}$/);
        assert.match(headers['user-agent'], /^claude-cli\//);
        assert.equal(headers['x-api-key'], 'scriptclaude-key');
        assert.match(body.system[0].text, billingHeader);
        assert.equal(body.thinking.type, 'adaptive');
        assert.ok(body.context_management.edits.length > 0);
        assert.deepEqual(body.system.at(-1).cache_control, { type: 'ephemeral' });
        assert.ok(raw.length > 20_000, `${raw.length} bytes`);
      });
    } else {
      it('reaches the provider in its own words, without what would spoil its cache', async (t) => {
        const code = claude(t, 'own-words', text('Hello.'));

        await code.print('hi');

        const [{ path, raw, body }] = system.provider.seen('own-words');
        assert.equal(path, '/v1/chat/completions');
        assert.doesNotMatch(raw.toString('utf8'), billingHeader);
        for (const field of ['cache_control', 'context_management', 'defer_loading', 'anthropic']) {
          assert.ok(!new RegExp(`"${field}"`).test(raw.toString('utf8')), `${field} is not said to this provider`);
        }
        assert.ok(body.tools.every((tool) => tool.type === 'function' && tool.function.parameters.type === 'object'));
        assert.ok(body.messages.every((message) => ['system', 'developer', 'user'].includes(message.role)));
      });
    }
  });
});
