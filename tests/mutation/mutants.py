"""Finds what can be changed in a C++ source: one operator, bound, constant or statement at a time. Pure."""

import dataclasses
import re

# What clang-format puts between spaces is a binary operator, never a template's bracket.
SWAPS = [
    (re.compile(r"(?<= )<(?= )"), "<="), (re.compile(r"(?<= )<=(?= )"), "<"),
    (re.compile(r"(?<= )>(?= )"), ">="), (re.compile(r"(?<= )>=(?= )"), ">"),
    (re.compile(r"(?<= )==(?= )"), "!="), (re.compile(r"(?<= )!=(?= )"), "=="),
    (re.compile(r"(?<= )&&(?= )"), "||"), (re.compile(r"(?<= )\|\|(?= )"), "&&"),
    (re.compile(r"(?<= )\+(?= )"), "-"), (re.compile(r"(?<= )-(?= )"), "+"),
    (re.compile(r"(?<= )\*(?= )"), "/"),
    (re.compile(r"(?<= )\+=(?= )"), "-="), (re.compile(r"(?<= )-=(?= )"), "+="),
    (re.compile(r"\btrue\b"), "false"), (re.compile(r"\bfalse\b"), "true"),
    (re.compile(r"(?<=\()!(?=[a-z_(])"), ""),
]
NUMBER = re.compile(r"(?<![\w.'])\d[\d']*(?=[uzl]*\b)(?![\w.]*[.x])")
# A call, an assignment or a step that stands alone on its line; a return or a declaration is none.
STATEMENT = re.compile(r"^( +)(?!return|co_return|break|continue|case|using|static|constexpr|const |auto |"
                       r"[\w:<>]+ \w+( =|\(|;))((\+\+|--)?[\w.>\-:\[\]()]+( [+|&-]?= .+|\(.*\))?;)$")
# A word of a table; longer texts are for people, and no test need know each of them.
WORD = re.compile(r'"([a-z][a-z_]{2,24})"')
HIDDEN = re.compile(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'')
# The compiler checks these itself, or they say nothing that runs.
UNTOUCHED = re.compile(r"^\s*(#|//|static_assert|template|using|namespace|enum|friend|assert\()|operator|noexcept")


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str
    line: int  # from 1
    before: str  # the whole line
    after: str

    def __str__(self):
        return f"{self.path}:{self.line}\n    - {self.before.strip()}\n    + {self.after.strip()}"


def hidden(line):
    """The line with texts and comments blanked out, as long as before."""
    return HIDDEN.sub(lambda found: " " * len(found.group()), line)


def changes(line):
    """Every other form that this line may take."""
    if UNTOUCHED.search(line):
        return
    code = hidden(line)
    for pattern, other in SWAPS:
        for found in pattern.finditer(code):
            yield line[:found.start()] + other + line[found.end():]
    for found in NUMBER.finditer(code):
        value = int(found.group().replace("'", ""))
        yield line[:found.start()] + str(value + 1) + line[found.end():]
    if STATEMENT.match(line):
        yield re.match(" *", line).group() + ";"
    for found in WORD.finditer(line):
        if line[:found.start()].count('"') % 2 == 0:
            yield line[:found.start(1)] + found.group(1) + "x" + line[found.end(1):]


def mutants_of(path, text):
    """All mutants of one file, in the order of its lines."""
    found, in_raw_text = [], False
    for number, line in enumerate(text.split("\n"), 1):
        begins, ends = 'R"(' in line, ')"' in line
        if not in_raw_text and not begins:
            found += [Mutant(path, number, line, other) for other in changes(line)]
        in_raw_text = (in_raw_text or begins) and not ends
    return found


def applied(mutant, text):
    lines = text.split("\n")
    assert lines[mutant.line - 1] == mutant.before
    lines[mutant.line - 1] = mutant.after
    return "\n".join(lines)
