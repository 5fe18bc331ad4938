#!/usr/bin/env python3
"""The rules a compiler cannot see: who may include whom, what pure rooms may not
touch, and the limits on files. Names each file and the rule it breaks.

    tidy.py [root]        check the tree
    tidy.py --self-test   check that every rule can be broken and is then named
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fault_page import check_fault_page
from local_names import check_local_names

FILE_LINES_MAX = 400
TEST_LINES_MAX = 500  # tables of cases are long, and read better whole
FUNCTION_LINES_MAX = 70
LINE_CHARACTERS_MAX = 100
CHECKED = ('common', 'proto', 'proxy-service', 'metrics-service', 'deploy', 'tests')
SKIPPED = {'build', 'node_modules', 'dist', '.git', '__pycache__', 'golden', 'corpus'}

BASE = {'common/base', 'proto/contract'}
CONVERT_SHARED = {
    'proxy-service/body', 'proxy-service/tap/usage.h', 'proxy-service/tap/end_word.h',
    'proxy-service/tap/error_reading.h', 'proxy-service/convert/json',
    'proxy-service/convert/errors', 'proxy-service/convert/content',
    'proxy-service/providers/model_facts.h', 'proxy-service/providers/trait.h',
    'proxy-service/convert/effort.h', 'proxy-service/convert/request_options.h',
    'proxy-service/convert/response_options.h', 'proxy-service/convert/stop_reason.h',
    'proxy-service/convert/stream_step.h', 'proxy-service/convert/tool_names.h',
    'proxy-service/convert/usage_json.h'}
CONVERT = {'proxy-service/convert' + room for room in (
    '', '/json', '/errors', '/content', '/messages', '/chat', '/messages_to_chat',
    '/chat_to_messages')}
TRACKER = BASE | {
    'metrics-service/archive', 'metrics-service/tracker', 'metrics-service/tracker/figures'}
# Which rooms (or single files of them) a room may include, besides itself. A folder
# without an entry may hold no C++.
MAY_INCLUDE = {
    'common/base': set(),
    'common/http1': {'common/base'},
    'common/access': {'common/base'},
    'common/audit': {'common/base'},
    'common/settings': {'common/base', 'common/access/access_keys.h', 'common/access/role.h'},
    'common/prometheus': {'common/base'},
    'common/http': {  # of http1 the guard over a request's head, and what it says
        'common/base', 'common/http1/request_head.h', 'common/http1/fields.h',
        'common/http1/field_name.h', 'common/http1/refusal.h', 'common/http1/reason_phrase.h'},
    'common/http_client': {'common/base'},
    'proto/contract': {'common/base'},
    'proxy-service/providers': BASE,
    'proxy-service/routing': BASE | {'proxy-service/providers'},
    'proxy-service/retry': BASE | {'proxy-service/routing'},
    'proxy-service/config': BASE | {
        'common/access/access_keys.h', 'proxy-service/providers', 'common/http1', 'common/settings', 'proxy-service/http1', 'proxy-service/routing',
        'proxy-service/retry'},
    'proxy-service/body': BASE,
    'proxy-service/tap': BASE | {'proxy-service/body'},
    'proxy-service/convert/json': BASE | {'proxy-service/body'},
    'proxy-service/convert/errors': BASE | {
        'proxy-service/tap/end_word.h', 'proxy-service/body', 'proxy-service/convert/json', 'proxy-service/providers'},
    'proxy-service/convert/content': BASE | {
        'proxy-service/body', 'proxy-service/convert/json', 'proxy-service/providers/model_facts.h'},
    'proxy-service/convert/messages': BASE | CONVERT_SHARED,
    'proxy-service/convert/chat': BASE | CONVERT_SHARED,
    'proxy-service/convert/messages_to_chat': BASE | CONVERT_SHARED | {'proxy-service/convert/messages', 'proxy-service/convert/chat'},
    'proxy-service/convert/chat_to_messages': BASE | CONVERT_SHARED | {'proxy-service/convert/messages', 'proxy-service/convert/chat'},
    'proxy-service/convert': BASE | CONVERT_SHARED | {'proxy-service/convert/messages', 'proxy-service/convert/chat',
        'proxy-service/convert/messages_to_chat', 'proxy-service/convert/chat_to_messages'},
    'proxy-service/redact': BASE | {'proxy-service/body'},
    'proxy-service/net': BASE,
    'proxy-service/http1': BASE | {'common/http1'},
    'proxy-service/upstream': BASE | {
        'proxy-service/retry',
        'common/http1', 'proxy-service/http1', 'proxy-service/net', 'proxy-service/routing', 'proxy-service/config'},
    'proxy-service/spool': BASE,
    'proxy-service/events': BASE | {'proxy-service/spool'},
    'proxy-service/worker': BASE | {
        'proxy-service/providers',         'proxy-service/retry',
        'common/access', 'common/audit', 'common/http1', 'proxy-service/http1', 'proxy-service/net', 'proxy-service/upstream', 'proxy-service/routing',
        'proxy-service/config', 'proxy-service/body', 'proxy-service/events',
        'proxy-service/convert/errors', 'proxy-service/redact'},
    'proxy-service/completion': BASE | {
        'proxy-service/providers',         'proxy-service/retry',
        'common/http1', 'proxy-service/http1', 'proxy-service/net', 'proxy-service/upstream', 'proxy-service/worker',
        'proxy-service/routing', 'proxy-service/config', 'proxy-service/body',
        'proxy-service/tap', 'proxy-service/redact', 'proxy-service/events',
        'proxy-service/providers/model_name.h', *CONVERT},
    'proxy-service/forward': BASE | {
        'proxy-service/retry', 'common/http1', 'proxy-service/http1', 'proxy-service/net',
        'proxy-service/upstream', 'proxy-service/worker', 'proxy-service/completion',
        'proxy-service/routing', 'proxy-service/config', 'proxy-service/body',
        'proxy-service/tap'},
    'proxy-service/catalog': BASE | {
        'proxy-service/providers',         'proxy-service/retry',
        'common/http1', 'proxy-service/http1', 'proxy-service/net', 'proxy-service/upstream', 'proxy-service/worker',
        'proxy-service/routing', 'proxy-service/config', 'proxy-service/redact',
        'proxy-service/convert/errors'},
    'proxy-service/serve': BASE | {
        'proxy-service/retry',
        'common/access', 'common/audit', 'common/http1', 'common/prometheus', 'proxy-service/http1', 'proxy-service/net', 'proxy-service/worker', 'proxy-service/completion',
        'proxy-service/forward', 'proxy-service/catalog', 'proxy-service/routing', 'proxy-service/config'},
    'proxy-service': {'common', 'proto', 'proxy-service'},
    'metrics-service/tracker/figures': BASE,
    'metrics-service/tracker': TRACKER,
    'metrics-service/filter': BASE,
    'metrics-service/throttle': {'common/base'}, 'metrics-service/http2': {'common/base'},
    'metrics-service/archive': BASE,
    'metrics-service/log': TRACKER,
    'metrics-service/store': TRACKER | {'metrics-service/log/position_block.h'},
    'metrics-service/pipeline': TRACKER | {'metrics-service/log', 'metrics-service/store'},
    'metrics-service/rpc': BASE | {'common/http', 'metrics-service/http2', 'metrics-service/throttle'},
    'metrics-service/ingest': TRACKER | {
        'common/access', 'common/audit', 'metrics-service/log', 'metrics-service/store', 'metrics-service/pipeline',
        'metrics-service/rpc', 'metrics-service/throttle'},
    'metrics-service/events': TRACKER | {
        'common/access', 'common/audit', 'metrics-service/pipeline', 'metrics-service/store/history_store.h',
        'metrics-service/rpc', 'metrics-service/filter'},
    'metrics-service/serve/access': BASE | {'common/access', 'common/audit', 'common/http'},
    'metrics-service/serve/report': TRACKER | {
        'common/http', 'common/prometheus', 'metrics-service/filter'},
    'metrics-service/serve/live': TRACKER | {'common/http', 'metrics-service/serve/report'},
    'metrics-service/serve': TRACKER | {
        'common/access', 'common/http', 'metrics-service/serve/access', 'metrics-service/serve/report',
        'metrics-service/serve/live'},
    'metrics-service/config': BASE | {'common/access/access_keys.h', 'common/settings'},
    'metrics-service/cli/terminal': BASE,
    'metrics-service/cli/gateway': BASE | {'common/http_client', 'metrics-service/cli/terminal'},
    'metrics-service/cli/launch': BASE | {
        'common/http_client', 'metrics-service/cli/terminal', 'metrics-service/cli/gateway'},
    'metrics-service/cli/setup': BASE | {
        'common/access/role.h', 'common/settings/key_tables.h',
        'metrics-service/cli/terminal', 'metrics-service/cli/launch'},
    'metrics-service/cli/options': BASE | {
        'metrics-service/cli/terminal', 'metrics-service/cli/setup'},
    'metrics-service/cli/local': BASE | {
        'common/http_client', 'metrics-service/cli/terminal', 'metrics-service/cli/gateway',
        'metrics-service/cli/launch', 'metrics-service/cli/setup', 'metrics-service/cli/options'},
    'metrics-service/cli/events': BASE | {
        'metrics-service/cli/terminal', 'metrics-service/cli/options'},
    'metrics-service/cli': BASE | {
        'metrics-service/cli/terminal', 'metrics-service/cli/events',
        'metrics-service/cli/local', 'metrics-service/cli/options'},
    'metrics-service': {'common', 'proto', 'metrics-service'},
    'deploy/demo-provider': {'common'},
}
# What stays free of sockets, threads, locks, clocks, logs and the environment.
PURE = {
    'common/http1', 'proto/contract', 'proxy-service/http1', 'proxy-service/providers',
    'proxy-service/routing',
    'proxy-service/retry', 'proxy-service/body',
    'proxy-service/tap', 'proxy-service/redact', 'metrics-service/archive',
    'metrics-service/tracker', *CONVERT,
    'metrics-service/tracker/figures', 'metrics-service/filter', 'metrics-service/http2',
}
PURE_FILES = {'common/base/sse.h', 'common/base/sse.cc', 'common/base/result.h',
              'common/base/secret.h',
              'common/base/utf8.h', 'common/base/utf8.cc', 'common/base/json_writer.h',
              'common/base/json_writer.cc', 'common/base/yaml_writer.h',
              'common/base/yaml_writer.cc',
              'common/base/percent.h', 'common/base/percent.cc',
              'common/base/ip_address.h', 'common/base/ip_address.cc',
              'common/access/trusted_proxies.h', 'common/access/trusted_proxies.cc',
              'common/access/role.h', 'common/access/role.cc', 'common/access/permissions.h',
              'common/access/permissions.cc', 'common/access/access_keys.h', 'common/access/access_keys.cc',
              'common/audit/audit_lines.h', 'common/audit/audit_lines.cc'}
IMPURE = re.compile(
    r'#include <(boost/asio|boost/beast|grpc|thread|mutex|shared_mutex|atomic|condition_variable'
    r'|future|fstream|iostream|filesystem|unistd\.h|sys/)'
    r'|#include "common/base/log\.h"|\bSystemClock\b|\bClock ?[&*]|_clock::now\('
    r'|\bgetenv\b|\benviron\b')
# The contract's edge: the codec's neighbour is generated code, and gRPC's log is ours.
# All threads read and write the keys' cooldowns.
NOT_PURE = ['proto/contract/event_codec', 'proto/contract/event_wire', 'proto/contract/grpc_log',
            'proxy-service/retry/key_cooldowns']

# Libraries that belong to certain rooms or files.
GRPC = ['proto/contract/grpc_log', 'proxy-service/events/grpc_reporter',
        'proxy-service/events/report_', 'metrics-service/rpc', 'metrics-service/ingest',
        'metrics-service/events', 'metrics-service/cli/events', 'metrics-service/cli/main.cc']
LIBRARIES = {
    'boost/asio': ['common/http', 'common/http_client', 'proxy-service', 'metrics-service',
                   'deploy/demo-provider'],
    # The proxy's I/O threads have a reactor of their own; of Asio they know addresses.
    'boost/asio/io_context': ['common/http', 'common/http_client',
                              'proxy-service/events/grpc_reporter', 'metrics-service',
                              'deploy/demo-provider'],
    'boost/beast': ['common/http', 'common/http_client'],
    'grpc': GRPC,
    'vdm/': ['proto/contract/event_codec', 'proto/contract/event_wire',
             'metrics-service/cli/options/view_options', *GRPC],
    'simdjson': ['proxy-service/body/json_index.cc'],
    'zlib': ['proxy-service/http1/inflater.cc', 'metrics-service/serve/static_files.cc'],
    'toml++': ['common/settings/file.cc'],
    'CLI/': ['common/settings/command_line.cc', 'metrics-service/cli/options',
             'deploy/demo-provider'],
    'sqlite3': ['metrics-service/store'],
    'prometheus': ['common/prometheus'],
    'spdlog': ['common/base/log.cc'],
    'openssl': ['common/base', 'proxy-service/net'],
}
# Where now() is called; gRPC takes its deadlines in wall time.
NOW = ['common/base/clock.h', 'metrics-service/rpc/host_server.h', 'metrics-service/cli']

# Names that others took the place of: a type or function of ours bears none of them.
OLD_TYPES = re.compile(
    r'\b(?:class|struct|enum class|enum|using) (Wire|Waiting|Pieces|Scratch|Impatience|Lane|Shared'
    r'|Process|ThreadParts|CompletionCall|Gate|Admission|ShownKey|Ending|Exit|Draft|Knob|Flags'
    r'|Moment|Taken|Origins|Failure|Relayed|FailedAttempt|Fault|ProviderFault|SaidError'
    r'|StreamError|ErrorAnswer|OpenAiError)\b')
OLD_FUNCTIONS = re.compile(r'^ *[\w:<>&*, ]+ (?:\w+::)?(heed|said_\w+|told_\w+|gate)\([^;]*\)[\w ]*[{;]', re.M)
OLD_FILES = re.compile(
    r'(?:^|/)(wire|waiting|pieces|scratch|lane|shared|completion_call|gate|ending|knobs?|moment'
    r'|origins|failure|said_error|stream_error_answer|intake)\.(?:h|cc)$')

INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)
# A member of a struct, as clang-format writes it: type, name, perhaps a default.
MEMBER = re.compile(r'^  (?!friend|using|static)[\w:<>, ]+ (\w+)(?: =[^;]*|\{[^;]*\})?;', re.M)
UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX)\b(?!\((?:when|until|once) )')


def under(path, places):
    return any(path == place or path.startswith(place.rstrip('/') + '/') or
               (path.startswith(place) and place.rsplit('/', 1)[-1] in path.rsplit('/', 1)[-1])
               for place in places)


def own_header(root, path):
    """The header a .cc begins with: its own, or that of what it tests."""
    stem = path[:-len('.cc')]
    candidates = [stem + '.h']
    if path.startswith('tests/') and stem.endswith('_test'):
        candidates.append(stem[len('tests/'):-len('_test')] + '.h')
    return next((name for name in candidates if (root / name).exists()), None)


def check_includes(root, path, text, fault):
    room = os.path.dirname(path)
    in_tests = path.startswith('tests/')
    if not in_tests and room not in MAY_INCLUDE:
        return fault(path, 'room', f'{room} has no entry in MAY_INCLUDE')
    includes = INCLUDE.findall(text)
    for kind, name in includes:
        if kind == '"':
            if name != 'common/base/version.h' and not (root / name).exists():
                fault(path, 'include', f'"{name}" is not written from the root of the repository')
            target = os.path.dirname(name)
            allowed = MAY_INCLUDE.get(room, set()) | {room}
            if not in_tests and not (target in allowed or name in allowed or
                                     any(target.startswith(place + '/') for place in allowed
                                         if '/' not in place)):
                fault(path, 'walk', f'{room} may not include {name}')
        elif not in_tests:
            for library, places in LIBRARIES.items():
                if name.startswith(library) and not under(path, places):
                    fault(path, 'library', f'<{name}> belongs to {", ".join(places)}')
    if path.endswith('.cc'):
        header = own_header(root, path)
        if header and (not includes or includes[0] != ('"', header)):
            fault(path, 'own header', f'expected "{header}" as the first include')


def check_text(path, text, fault):
    lines = text.split('\n')
    lines_max = TEST_LINES_MAX if path.startswith('tests/') else FILE_LINES_MAX
    if len(lines) - 1 > lines_max:
        fault(path, 'file length', f'{len(lines) - 1} lines, expected at most {lines_max}')
    for number, line in enumerate(lines, 1):
        too_long = len(line) > LINE_CHARACTERS_MAX and 'http' not in line and 'R"(' not in line
        if too_long and path.endswith(('.h', '.cc')):
            fault(f'{path}:{number}', 'line length', f'{len(line)} characters')
        if UNFINISHED.search(line) and not path.startswith('tests/tidy/'):
            fault(f'{path}:{number}', 'unfinished', 'say when it ends: TODO(when …): …')
    if text and not text.endswith('\n'):
        fault(path, 'last line', 'expected a line end')
    if path.endswith(('.h', '.cc')) and not path.startswith('tests/'):
        for number, length in function_lengths(text):
            if length > FUNCTION_LINES_MAX:
                fault(f'{path}:{number}', 'function length',
                      f'{length} lines, expected at most {FUNCTION_LINES_MAX}')


def check_names(path, text, fault):
    for found in OLD_TYPES.finditer(re.sub(r'//.*', '', text)):
        fault(path, 'old name', f'{found.group(1)} has another name: see docs/glossary.md')
    for found in OLD_FUNCTIONS.finditer(text):
        fault(path, 'old name', f'{found.group(1)}() has another name: see docs/glossary.md')
    if OLD_FILES.search(path):
        fault(path, 'old name', 'files of that name have another: see docs/glossary.md')


# A provider's or a model's name in a string literal; the files of providers/data hold those.
MODEL_NAMES = re.compile(
    r'\b(?:gpt-|claude-[0-9a-z]|gemini|o[134]-|kimi|glm-|deepseek|mistral|moonshot|grok|qwen|llama'
    r'|openrouter|cerebras|groq|fireworks|minimax|anthropic|openai|azure|ollama|xai)', re.I)
# Lists of words and of settings' names, which judge nobody.
NAME_LISTS = {'proxy-service/redact/error_words.cc', 'proxy-service/config/original_settings.cc'}
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')
# What is of a dialect or of HTTP, and bears its maker's name: the two words for the dialects in
# settings and queries, header fields, OpenRouter's name for Anthropic's signatures, and the English
# words that errors are made of.
DIALECT_WORDS = re.compile(
    r'"(?:anthropic|openai|Anthropic|OpenAI)"|"anthropic-(?:version|beta|\*)"|"openai-(?:\w+|\*)"'
    r'|anthropic-claude-v1|x-claude-code-[a-z-]+|x-anthropic-billing-header|anthropic, openai|openai or anthropic'
    r'|OPENAI_API_KEY|ANTHROPIC_API_KEY')


def check_models(path, text, fault):
    """No other place than the facts judges a provider or a model by its name."""
    if not path.startswith('proxy-service/') or path in NAME_LISTS:
        return
    code = re.sub(r'^ *#include.*|//.*', '', text, flags=re.M)
    for literal in LITERAL.findall(code):
        if MODEL_NAMES.search(DIALECT_WORDS.sub('', literal)):
            fault(path, 'model name', f'{literal[:60]}: what is known of it belongs to providers/data')


def function_lengths(text):
    """First line and length of each function at the left margin, as clang-format writes them."""
    begin = None
    heading = ''
    for number, line in enumerate(text.split('\n'), 1):
        at_margin = bool(line) and not line[0].isspace()
        if begin is None:
            if at_margin:
                heading, first = line, number
            if line.endswith('{') and '(' in heading and not heading.startswith(('//', '#')):
                begin = first
        elif at_margin and line.startswith('}'):
            yield begin, number - begin + 1
            begin, heading = None, ''


def check_purity(path, text, fault):
    code = re.sub(r'//.*', '', text)
    pure = os.path.dirname(path) in PURE or path in PURE_FILES
    if pure and not under(path, NOT_PURE):
        for found in IMPURE.finditer(code):
            fault(path, 'purity', f'{found.group(0)} in a pure room')
    ours = path.split('/')[0] in ('common', 'proto', 'proxy-service', 'metrics-service')
    if ours and '_clock::now()' in code and not under(path, NOW):
        fault(path, 'clock', 'now() is called in common/base/clock.h alone; take a Clock')
    if ours and re.search(r'\bgetenv\b|\benviron\b', code) and path != 'common/base/env.cc':
        fault(path, 'environment', 'it is read in common/base/env.cc alone; take an Env')


def check_settings(texts, fault):
    """What a service's configuration holds, somebody outside its config/ looks at: `limits.bytes`."""
    for path, text in texts.items():
        service = path.split('/')[0]
        if path != f'{service}/config/config.h':
            continue
        code = '\n'.join(other for name, other in texts.items()
                         if name.startswith(service + '/') and
                         not name.startswith(service + '/config/'))
        for member in MEMBER.findall(text):
            if not re.search(rf'[\w)\]](?:\.|->){member}\b', code):
                fault(path, 'idle setting', f'{member} is looked at nowhere outside config/')


def check_format(root, paths, fault):
    tool = shutil.which('clang-format-14') or shutil.which('clang-format')
    if not tool or not (root / '.clang-format').exists():
        return print('tidy: clang-format is not installed; format not checked')
    version = subprocess.run([tool, '--version'], capture_output=True, text=True).stdout
    if ' 14.' not in version:
        return print(f'tidy: {version.strip()} is not version 14; format not checked')
    result = subprocess.run([tool, '--dry-run', '--Werror', *paths], cwd=root,
                            capture_output=True, text=True)
    for path in sorted(set(re.findall(r'^([^:\n]+):\d+:\d+: error', result.stderr, re.M))):
        fault(path, 'format', 'clang-format -i would change it')


def check(root):
    faults = []

    def fault(path, rule, what):
        faults.append(f'{path}: {rule}: {what}')

    sources = []
    texts = {}
    for top in CHECKED:
        for folder, folders, files in os.walk(root / top):
            folders[:] = sorted(set(folders) - SKIPPED)
            for name in sorted(files):
                path = (Path(folder) / name).relative_to(root).as_posix()
                if not name.endswith(('.h', '.cc', '.proto', '.py', '.sh')):
                    continue
                text = (root / path).read_text(encoding='utf-8')
                check_text(path, text, fault)
                if name.endswith(('.h', '.cc')):
                    sources.append(path)
                    texts[path] = text
                    check_includes(root, path, text, fault)
                    check_purity(path, text, fault)
                    check_names(path, text, fault)
                    check_models(path, text, fault)
                if name.endswith('.h') and '#pragma once' not in text:
                    fault(path, 'pragma once', 'a header begins with it')
    check_settings(texts, fault)
    check_local_names(root, texts, SKIPPED, fault)
    check_fault_page(root, fault)
    if sources:
        check_format(root, sources, fault)
    return faults, len(sources)


# A tree that keeps every rule, and for each rule one file that breaks it.
CLEAN = {
    '.clang-format': 'BasedOnStyle: Google\nColumnLimit: 100\n',
    'common/base/a.h': '#pragma once\n',
    'common/base/a.cc': '#include "common/base/a.h"\n',
    'proxy-service/body/b.h': '#pragma once\n\n#include "common/base/a.h"\n',
    'proxy-service/completion/c.cc': '#include "proxy-service/body/b.h"\n// TODO(when 1.60): drop.\n'
                                     'namespace vdm {\nnamespace {\nint x(int a) { return a; }\n}'
                                     '  // namespace\nstatic int y;\nstruct Z {};\n}  // namespace vdm\n',
    'proxy-service/CMakeLists.txt': 'vdm_room(c\n  SOURCES\n    completion/c.cc\n    completion/d.cc)\n',
    'proxy-service/app.cc': '#include "proxy-service/body/b.h"\n'
                            'Limits y{.bytes_min = x.bytes_max};\n',
    'proxy-service/config/config.h': '#pragma once\nstruct Limits {\n  int bytes_max = 7;\n};\n',
    'tests/proxy-service/body/b_test.cc': '#include "proxy-service/body/b.h"\n',
}
BROKEN = [
    ('walk', 'common/base/x.cc', '#include "proxy-service/body/b.h"\n'),
    ('walk', 'metrics-service/serve/x.cc', '#include "proxy-service/body/b.h"\n'),
    ('walk', 'metrics-service/app.cc', '#include "proxy-service/body/b.h"\n'),
    ('room', 'proxy-service/utils/x.cc', 'int x;\n'),
    ('include', 'proxy-service/body/x.cc', '#include "b.h"\n'),
    ('library', 'proxy-service/routing/x.cc', '#include <simdjson.h>\n'),
    ('library', 'proxy-service/serve/x.cc', '#include <grpcpp/grpcpp.h>\n'),
    ('own header', 'proxy-service/body/b.cc', '#include <vector>\n'),
    ('own header', 'tests/proxy-service/body/b_test.cc', '#include <vector>\n'),
    ('purity', 'proxy-service/body/x.cc', '#include <mutex>\n'),
    ('purity', 'proxy-service/tap/x.cc', '#include "common/base/log.h"\n'),
    ('clock', 'proxy-service/serve/x.cc', 'auto t = std::chrono::steady_clock::now();\n'),
    ('environment', 'proxy-service/serve/x.cc', 'auto t = getenv("A");\n'),
    ('idle setting', 'proxy-service/config/config.h',
     '#pragma once\nstruct Limits {\n  int bytes_max{7};\n  std::vector<int> bytes_min;\n};\n'),
    ('file length', 'proxy-service/body/x.cc', '\n' * 401),
    ('function length', 'proxy-service/body/x.cc',
     'int x(int a,\n      int b) {\n' + '  a += b;\n' * 70 + '}\n'),
    ('line length', 'proxy-service/body/x.cc', '// ' + 'x' * 98 + '\n'),
    ('old name', 'proxy-service/body/x.h', '#pragma once\n\nstruct Lane {};\n'),
    ('old name', 'proxy-service/body/x.h', '#pragma once\n\nint told_by(int x);\n'),
    ('old name', 'proxy-service/body/wire.h', '#pragma once\n'),
    ('model name', 'proxy-service/body/x.cc', 'bool is(Name n) { return n == "gpt-5"; }\n'),
    ('model name', 'proxy-service/routing/x.cc', 'const char* p = "see groq";\n'),
    ('unfinished', 'proxy-service/body/x.cc', '// TODO: later.\n'),
    ('last line', 'proxy-service/body/x.cc', 'int x;'),
    ('pragma once', 'proxy-service/body/x.h', 'int x();\n'),
    ('local name', 'proxy-service/completion/d.cc',
     'namespace vdm {\nnamespace {\nconstexpr int x[] = {1\'000, 2};\n}  // namespace\n}  // namespace vdm\n'),
    ('local name', 'proxy-service/completion/d.cc',
     'namespace vdm {\nnamespace {\nstruct y {\n  int a;\n};\n}  // namespace\n}  // namespace vdm\n'),
    ('fault page', 'tests/provider-faults.md', '## K\n| | i | h |\n| - | - | - |\n| more | x | `A.B` |\n'),
    ('format', 'proxy-service/body/x.cc', 'int  x;\n'),
]


def faults_of(files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding='utf-8')
        return check(Path(folder))[0]


def self_test():
    wrong = [f'the clean tree has faults: {fault}' for fault in faults_of(CLEAN)]
    for rule, path, text in BROKEN:
        if rule == 'format' and not (shutil.which('clang-format-14') or
                                     shutil.which('clang-format')):
            continue
        faults = faults_of(CLEAN | {path: text})
        if not any(fault.startswith(path) and f': {rule}: ' in fault for fault in faults):
            wrong.append(f'{rule} was broken by {path} and not named: {faults}')
    for line in wrong:
        print(f'tidy: {line}')
    print(f'tidy: {len(BROKEN)} broken rules tried, {len(wrong)} missed')
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    faults, count = check(root)
    for fault in faults:
        print(fault)
    print(f'tidy: {count} files, {len(faults)} faults')
    return 1 if faults or count == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
