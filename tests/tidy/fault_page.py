"""tests/provider-faults.md: every test that it names exists, and every kind has two more inputs."""
import re

PAGE = 'tests/provider-faults.md'
MORE_MIN = 2
SUITE = r'TEST(?:_F|_P)?\({},\s*{}\)'


def test_texts(root):
    return [path.read_text(encoding='utf-8') for path in sorted((root / 'tests').rglob('*_test.cc'))]


def exists(root, tests, name):
    """Whether there is what a name of the page stands for; None when it is of no known form."""
    golden = re.fullmatch(r'(request|response|stream)/(\w+)', name)
    if golden:
        folder = root / 'tests/golden/convert' / golden[1]
        return any(folder.glob(golden[2] + '.*'))
    case = re.fullmatch(r'([A-Z]\w*)([./])([A-Z]\w*)', name)
    if case:
        suite, mark, rest = case.groups()
        if mark == '.':
            return any(re.search(SUITE.format(suite, rest), text) for text in tests)
        return any(re.search(SUITE.format(suite, r'\w+'), text) and f'"{rest}"' in text for text in tests)
    rule = re.fullmatch(r'(\w+\.mjs): (.+)', name)
    if rule:
        provider = root / 'tests/fakes/strict' / rule[1]
        return provider.exists() and f"'{rule[2]}'" in provider.read_text(encoding='utf-8')
    if re.fullmatch(r'\w+\.test\.mjs', name):
        return (root / 'tests/e2e' / name).exists()
    return None


def check_fault_page(root, fault):
    page = root / PAGE
    if not page.exists():
        return
    tests = test_texts(root)
    for section in f'\n{page.read_text(encoding="utf-8")}'.split('\n## ')[1:]:
        title, *lines = section.split('\n')
        rows = [[cell.strip() for cell in re.split(r'\|(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)', line)[1:-1]]
                for line in lines if line.startswith('|')][2:]
        for row in rows:
            names = re.findall(r'`([^`]+)`', row[-1])
            if not names:
                fault(PAGE, 'fault page', f'{title}: no test holds {row[-2]}')
            for name in names:
                if not exists(root, tests, name):
                    fault(PAGE, 'fault page', f'{title}: there is no {name}')
        if sum(row[0] == 'more' for row in rows) < MORE_MIN:
            fault(PAGE, 'fault page', f'{title}: expected at least {MORE_MIN} more inputs')
