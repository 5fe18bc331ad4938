"""Prints the results."""

import statistics

from scenarios import EVENTS, REFERENCE, REFERENCE_SCENARIO, ROWS, cpu


class Figures:
    """Every run's result, by scenario and gateway."""

    def __init__(self):
        self.runs = {}

    def add(self, scenario, gateway, result):
        self.runs.setdefault((scenario, gateway), []).append(result)

    @staticmethod
    def tells(run):
        """Whether the run gives a figure: without an answer its low CPU time means nothing."""
        return bool(run["requests"] or run.get("open_streams"))

    def median(self, scenario, gateway, figure):
        runs = list(filter(self.tells, self.runs.get((scenario, gateway), ())))
        return statistics.median(map(figure, runs)) if runs else None

    def total(self, member, gateway=None):
        return sum(run[member] for (_, name), runs in self.runs.items() for run in runs
                   if gateway in (None, name))

    def as_json(self):
        return {f"{scenario} {name}": runs for (scenario, name), runs in self.runs.items()}


def number(value, unit=""):
    digits = 1 if abs(value) < 1000 else 0
    return f"{value:,.{digits}f} {unit}".strip()


def gateways_table(figures, names, direct):
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for row in ROWS:
        base = figures.median(row.scenario, direct, row.figure) if row.added else 0
        reference = figures.median(row.scenario, REFERENCE, row.figure)
        if reference is None and row.scenario in REFERENCE_SCENARIO:
            reference = figures.median(REFERENCE_SCENARIO[row.scenario], REFERENCE, row.figure)
        cells = []
        for name in names:
            value = figures.median(row.scenario, name, row.figure)
            if value is None:
                cells.append("–")
                continue
            cell = number(value - base, row.unit)
            if reference and name != REFERENCE and reference > base:
                cell += f" ({(value - base) / (reference - base):.2f}×)"
            cells.append(cell)
        if any(cell != "–" for cell in cells):
            lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def conversion_lines(figures, names):
    """CPU per event, converted and passed through, of each gateway that did both."""
    for name in names:
        converted = figures.median("converted", name, cpu)
        passed = figures.median("passed", name, cpu)
        if converted and passed:
            yield (f"{name}: {converted / EVENTS:.2f} µs of CPU per converted event, "
                   f"{passed / EVENTS:.2f} µs passed through ({converted / passed:.2f}×).")


def fan_out_table(runs):
    """`runs`: readers -> results of vdm-bench-readers; those without readers are the base."""
    def median(readers, figure):
        return statistics.median(map(figure, runs[readers]))

    def cpu_per_second(run):
        return run["cpu_us"] / run["seconds"]

    base = median(0, cpu_per_second)
    lines = ["| readers | CPU of vdm-metrics per second | per reader and second "
             "| bytes per reader and second | of the reader told least |",
             "| ---: | ---: | ---: | ---: | ---: |"]
    for readers in sorted(runs):
        used = median(readers, cpu_per_second)
        cells = [f"{readers:,}", number(used / 1000, "ms"), "–", "–", "–"]
        if readers:
            cells[2:] = [
                number((used - base) / readers, "µs"),
                number(median(readers, lambda run: run["bytes"] / run["seconds"] / readers)),
                number(median(readers, lambda run: run["bytes_fewest"] / run["seconds"])),
            ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
