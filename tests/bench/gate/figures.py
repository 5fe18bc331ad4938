"""Reads the recorded figures, compares them with new counts, and records them anew."""

import json
import pathlib

KINDS = ("instructions", "allocations")
MORE_MAX = 0.03  # above the recorded figure
ALLOCATIONS_NOTICED = 0.01  # a unit with no allocations must keep having none
SHARE_KEPT = 0.001  # functions that cost less of a unit are not listed
DIGITS = {"instructions": 1, "allocations": 3}


def rounded(value, kind):
    return round(value, DIGITS[kind])


def per_unit(counts, units):
    """The figures of one scenario, and the functions that cause them."""
    figures = {kind: rounded(value / units, kind) for kind, value in counts.total.items()}
    functions = {}
    for kind in KINDS:
        least = figures[kind] * SHARE_KEPT
        by_function = {name: rounded(value / units, kind)
                       for name, value in getattr(counts, kind).items()}
        functions[kind] = {name: value for name, value in by_function.items() if value > least}
    return {"figures": figures, "functions": functions}


class Figures:
    """figures.json. For each scenario: `base` at the tag, every change since with its
    reason, and the sum, `recorded`, with the functions that cause it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.data = json.loads(self.path.read_text()) if self.path.exists() else {
            "tag": "v0.1.0", "taken_with": {}, "scenarios": {}}
        for name, scenario in self.data["scenarios"].items():
            for kind in KINDS:
                led_to = scenario["base"][kind] + sum(one[kind] for one in scenario["changes"])
                if rounded(led_to - scenario["recorded"][kind], kind) != 0:
                    raise SystemExit(
                        f"{path}: {name}: {kind}: base and changes give {rounded(led_to, kind)}, "
                        f"recorded is {scenario['recorded'][kind]}; use gate.py --record")

    @property
    def tag(self):
        return self.data["tag"]

    def scenario(self, name):
        return self.data["scenarios"].get(name)

    def taken_with_others(self, versions):
        """Tools and libraries whose version differs from that of the recorded figures."""
        return [f"{name} {was}, here it is {versions.get(name) or 'absent'}"
                for name, was in sorted(self.data["taken_with"].items())
                if versions.get(name) != was]

    def record(self, name, counted, why):
        scenario = self.data["scenarios"].get(name)
        if scenario is None:
            scenario = {"base": counted["figures"], "changes": []}
            self.data["scenarios"][name] = scenario
        else:
            change = {kind: rounded(counted["figures"][kind] - scenario["recorded"][kind], kind)
                      for kind in KINDS}
            if any(change.values()):
                scenario["changes"].append({**change, "why": why})
        scenario["recorded"] = counted["figures"]
        scenario["functions"] = counted["functions"]

    def save(self, versions):
        self.data["taken_with"] = versions
        text = json.dumps(self.data, indent=1, sort_keys=True, ensure_ascii=False)
        self.path.write_text(text + "\n")

    def rises(self, name):
        """The sum of all rises since the tag, gains not subtracted, and their number."""
        changes = self.data["scenarios"][name]["changes"]
        return {kind: (rounded(sum(max(0, one[kind]) for one in changes), kind),
                       sum(one[kind] > 0 for one in changes)) for kind in KINDS}


def too_high(counted, recorded, kind):
    allowed = recorded["recorded"][kind] * (1 + MORE_MAX)
    if kind == "allocations":
        allowed = max(allowed, recorded["recorded"][kind] + ALLOCATIONS_NOTICED)
    return counted["figures"][kind] > allowed


def moved(counted, recorded, kind):
    """(difference, function), the one that grew most first, the one that shrank most last."""
    now, before = counted["functions"][kind], recorded["functions"][kind]
    differences = [(rounded(now.get(name, 0) - before.get(name, 0), kind), name)
                   for name in {*now, *before}]
    return sorted((one for one in differences if one[0]), key=lambda one: (-one[0], one[1]))
