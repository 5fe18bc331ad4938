"""A name that is local to a source file (in an anonymous namespace, or `static`) stands in one source
of its CMake target alone: a unity build compiles several of them as one, where two such names
collide, or one silently hides or overloads the other."""
import re

# Comments, literals and lines for the preprocessor; and the mark in 1'000, which is no quote.
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\''
    r'|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.S | re.M)
DIGITS_MARK = re.compile(r"(?<=[\da-fA-F])'(?=[\da-fA-F])")
TARGET = re.compile(r'\bvdm_(?:room|program|test)\(\s*[\w-]+(.*?)\)', re.S)
NAMESPACE = re.compile(r'(?:inline )?namespace ?([\w:]*) ?{$')
STATIC = re.compile(r'(?:template ?<.*?> ?)?(?:constexpr |inline )*static ')
TYPE = re.compile(r'(?:enum class|enum|struct|class|union) (\w+)')
NOTHING_NEW = re.compile(r'(?:using|namespace|typedef|friend|static_assert|extern)\b')


def name_in(declaration):
    """What a declaration of namespace scope names; None: nothing that could stand twice."""
    declaration = re.sub(r'\btemplate ?<[^{};]*?> ?(?=\w)', '', declaration)
    named = TYPE.match(declaration)
    if named:
        return named[1] if declaration.endswith('{') else None
    if NOTHING_NEW.match(declaration):
        return None
    depth = 0
    for at, c in enumerate(declaration):
        depth += (c == '<') - (c == '>')
        if c in '(={[;' and depth <= 0:
            named = re.search(r'[\w*&>] ?([\w:]+) ?$', declaration[:at])
            return named[1] if named and '::' not in named[1] else None
    return None


def local_names(text):
    """(namespace, name) of everything that is local to the file."""
    code = NO_CODE.sub(lambda found: '\n' if found[0][0] in '/#' else '0', DIGITS_MARK.sub('', text))
    found = set()
    scopes = []  # the name of a namespace, '' for an anonymous one; None for any other pair of braces
    declaration, parentheses = '', 0
    for c in code:
        parentheses += (c in '([') - (c in ')]')
        if c not in '{};' or (parentheses and c == ';'):
            declaration += c
            continue
        said, declaration = ' '.join((declaration + c).split()), ''
        if c == '}':
            del scopes[-1:]
            continue
        namespace = NAMESPACE.match(said)
        at_namespace = None not in scopes
        if at_namespace and not namespace and ('' in scopes or STATIC.match(said)):
            found.add(('::'.join(filter(None, scopes)), name_in(said)))
        if c == '{':
            scopes.append(namespace[1] if namespace and at_namespace else None)
    return {(space, name) for space, name in found if name}


def check_local_names(root, texts, skipped, fault):
    """`texts`: the sources by path. `skipped`: names of folders that hold none of ours."""
    for page in sorted(root.rglob('CMakeLists.txt')):
        folder = page.parent.relative_to(root)
        if skipped & set(folder.parts):
            continue
        for target in TARGET.findall(page.read_text(encoding='utf-8')):
            first = {}
            for source in re.findall(r'[\w./-]+\.cc', target):
                path = (page.parent / source).resolve()
                path = path.relative_to(root).as_posix() if path.is_relative_to(root) else ''
                for space, name in sorted(local_names(texts.get(path, ''))):
                    other = first.setdefault((space, name), path)
                    if other != path:
                        fault(path, 'local name', f'{name} stands in {other}, too')
