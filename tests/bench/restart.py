#!/usr/bin/env python3
"""How long vdm-metrics takes to begin with a long history: until proxies can report, and until the
totals are whole; by rows alone, by its checkpoint, and by a checkpoint that some rows lie behind.

    restart.py [--rows 10000000] [--behind 120000] [--folder DIR] [--binaries DIR] [--slack 1]

Makes the rows with SQL, in 30 days' files, out of a released day's. Fails when proxies cannot report within a second, or
totals are not whole within five of a start with a checkpoint; `--slack` multiplies both on a busy machine.
"""
import argparse
import json
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / 'tests/golden/released/v0.1.0'
DAYS = 30
LISTENING_MOST_S = 1
WHOLE_MOST_S = 5


def columns(database):
    return [row[1] for row in database.execute('PRAGMA table_info(events)')]


def add_rows(path, count, instance, first_seq):
    """Copies of a row that ended well, each with an id, a number and a request of its own."""
    database = sqlite3.connect(path)
    database.execute('PRAGMA journal_mode = OFF')
    database.execute('PRAGMA synchronous = OFF')
    names = [name for name in columns(database) if name != 'id']
    values = {'instance_id': f"'{instance}'", 'seq': f'{first_seq} + n',
              'request_id': f"'req_{instance}_' || ({first_seq} + n)"}
    picked = ', '.join(values.get(name, name) for name in names)
    database.execute(
        f'WITH RECURSIVE series(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n + 1 < {count}) '
        f'INSERT INTO events ({", ".join(names)}) SELECT {picked} FROM series, '
        "(SELECT * FROM events WHERE kind = 'ended' AND outcome = 1 ORDER BY id LIMIT 1)")
    database.execute('INSERT OR REPLACE INTO watermarks (instance_id, proxy, seq, updated_us) '
                     f"VALUES ('{instance}', 'bench', {first_seq + count - 1}, 0)")
    database.commit()
    database.close()


def make_history(folder, rows):
    folder.mkdir(parents=True)
    today = datetime.now(timezone.utc).date()
    golden = next(GOLDEN.glob('history-*.sqlite'))
    for day in range(DAYS):
        path = folder / f'history-{today - timedelta(days=DAYS - 1 - day)}.sqlite'
        shutil.copy(golden, path)
        if day > 0:  # the released day's own rows once
            database = sqlite3.connect(path)
            database.execute("DELETE FROM events WHERE id <> (SELECT min(id) FROM events "
                             "WHERE kind = 'ended' AND outcome = 1)")
            database.execute('DELETE FROM watermarks')
            database.commit()
            database.close()
        add_rows(path, rows // DAYS, f'{day:032x}', 1)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Service:
    def __init__(self, folder, binaries):
        self.http, self.ingest, self.events = free_port(), free_port(), free_port()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [binaries / 'vdm-metrics'], cwd=folder.parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={'VDM_METRICS_PORT': str(self.http), 'VDM_DATA_DIR': str(folder),
                 'VDM_INGEST_ADDRESS': f'127.0.0.1:{self.ingest}',
                 'VDM_EVENTS_ADDRESS': f'127.0.0.1:{self.events}'})

    def passed(self):
        return time.monotonic() - self.began

    def until(self, question, at_most=900):
        while not question():
            if self.passed() > at_most or self.process.poll() is not None:
                raise RuntimeError('it does not come')
            time.sleep(0.005)
        return self.passed()

    def listens(self):
        with socket.socket() as probe:
            probe.settimeout(0.2)
            return probe.connect_ex(('127.0.0.1', self.ingest)) == 0

    def totals(self):
        url = f'http://127.0.0.1:{self.http}/metrics/running-totals'
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)['summary']

    def measure(self):
        listening = self.until(self.listens)
        whole = self.until(lambda: not self.totals()['restoring'])
        return listening, whole, self.totals()['total_requests']

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--rows', type=int, default=10_000_000)
    arguments.add_argument('--behind', type=int, default=120_000)
    arguments.add_argument('--folder', type=Path, default=None)
    arguments.add_argument('--slack', type=float, default=1)
    arguments.add_argument('--binaries', type=Path, default=ROOT / 'build/release/bin')
    given = arguments.parse_args()
    base = given.folder or Path(tempfile.mkdtemp(prefix='vdm-restart-'))
    folder = base / 'history'
    try:
        began = time.monotonic()
        today = make_history(folder, given.rows)
        size = sum(file.stat().st_size for file in folder.iterdir())
        print(f'{given.rows} rows in {DAYS} files, {size / 1e9:.1f} GB, made in {time.monotonic() - began:.0f} s')
        seen = {}
        for name in ('rows alone', 'a checkpoint', f'a checkpoint and {given.behind} rows behind it'):
            if 'behind' in name:
                add_rows(today, given.behind, 'f' * 32, 1)
            service = Service(folder, given.binaries)
            listening, whole, requests = service.measure()
            service.stop()
            seen[name] = requests
            late = 'checkpoint' in name and whole > given.slack * WHOLE_MOST_S
            if late or listening > given.slack * LISTENING_MOST_S:
                raise RuntimeError(f'{name}: it takes too long: {listening:.2f} s, {whole:.2f} s')
            print(f'{name}: proxies can report after {listening:.2f} s, '
                  f'totals are whole after {whole:.2f} s ({requests} requests)')
        first, second, third = seen.values()
        if second != first or third != first + given.behind:
            raise RuntimeError('the totals differ')
    finally:
        if not given.folder:
            shutil.rmtree(base)


if __name__ == '__main__':
    main()
