// What leads from the rows a grid has to the rows it should have. Pure. Every
// change of a grid goes through here, snapshots included: a row is added only
// when the grid does not have it, so no id can appear twice.

export interface RowChange<T> {
  add: T[];
  update: T[];
  remove: T[];
}

export function diff<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): RowChange<T> | null {
  const add: T[] = [];
  const update: T[] = [];
  const remove: T[] = [];
  for (const [id, row] of after) {
    const known = before.get(id);
    if (known === undefined) add.push(row);
    else if (known !== row) update.push(row);
  }
  for (const [id, row] of before) if (!after.has(id)) remove.push(row);
  return add.length + update.length + remove.length === 0 ? null : { add, update, remove };
}
