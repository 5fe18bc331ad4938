// What the metrics service has stored, read from its files and not from what it says: one row for each end, loss and gap.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const Reader = `
import glob, json, sqlite3, sys
rows = []
for path in sorted(glob.glob(sys.argv[1] + '/**/*.sqlite', recursive=True)):
    with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as day:
        rows += day.execute('SELECT kind, request_id, input_tokens, output_tokens, gap_ended FROM events ORDER BY id').fetchall()
print(json.dumps(rows))
`;

/** Every row of the files, as it stands there. */
export function storedRows(system) {
  const text = execFileSync('python3', ['-c', Reader, join(system.dataDir, 'metrics')],
    { encoding: 'utf8', maxBuffer: 1 << 30 });
  return JSON.parse(text).map(([kind, id, input, output, gapEnded]) => ({ kind, id, input, output, gapEnded }));
}

/** { ended, lost: request ids, each as often as it stands there; gapEnded: ends that gaps declare } */
export function history(system) {
  const rows = storedRows(system);
  const ids = (kind) => rows.filter((row) => row.kind === kind).map((row) => row.id);
  return {
    ended: ids('ended'), lost: ids('lost'),
    gapEnded: rows.reduce((sum, row) => sum + (row.gapEnded ?? 0), 0),
  };
}
