// What the metrics service has stored, read from its files and not from what it says: one row for each end, loss and gap.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const Reader = `
import glob, json, sqlite3, sys
rows = []
for path in sorted(glob.glob(sys.argv[1] + '/**/*.sqlite', recursive=True)):
    with sqlite3.connect(f'file:{path}?mode=ro', uri=True) as day:
        rows += day.execute('SELECT kind, request_id, instance_id, seq, gap_ended FROM events ORDER BY id').fetchall()
print(json.dumps(rows))
`;

/** { ended, lost: request ids, each as often as it stands there; gapEnded: ends that gaps declare } */
export function history(system) {
  const text = execFileSync('python3', ['-c', Reader, join(system.dataDir, 'metrics')],
    { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  const rows = JSON.parse(text).map(([kind, id, instance, seq, gapEnded]) => ({ kind, id, instance, seq, gapEnded }));
  const ids = (kind) => rows.filter((row) => row.kind === kind).map((row) => row.id);
  return {
    ended: ids('ended'), lost: ids('lost'),
    gapEnded: rows.reduce((sum, row) => sum + (row.gapEnded ?? 0), 0),
  };
}
