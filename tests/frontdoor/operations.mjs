// operations.mjs - the table of operations as its source has it.
import { readFileSync } from 'node:fs';

/** [{ name: 'orders.sync', report: 30104 }, …]; report 0 = none. */
export function operationRows() {
  const source = readFileSync(new URL('../../common/model/operations.c', import.meta.url), 'utf8');
  const table = /const struct operation OPERATIONS\[\] = \{([\s\S]*?)\n\};/.exec(source)[1];
  return table.split(/\.name = /).slice(1).map((row) => ({
    name: /^"([^"]+)"/.exec(row)[1], report: Number(/\.report = (\d+)/.exec(row)?.[1] ?? 0),
  }));
}

export const operations = () => operationRows().map(({ name }) => name);

/** Those that the demo runs: connect.* looks at what is not stored yet; the demo's is. */
export const demoOperations = () => operations().filter((name) => !name.startsWith('connect.'));
