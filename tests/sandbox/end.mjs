// end.mjs - what a test leaves behind is cleared away, the last of it first: a folder after the peers that write into it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const acts = new WeakMap();

/** `act` is done when the test has ended, before all that was asked for earlier; one that fails keeps no other from being done. */
export function atEnd(test, act) {
  if (!acts.has(test)) {
    acts.set(test, []);
    test.after(() => clear(acts.get(test)));
  }
  acts.get(test).push(act);
}

async function clear(left) {
  const act = left.pop();
  if (!act) return;
  try {
    await act();
  } finally {
    await clear(left);
  }
}

/** A folder of the test's own. */
export function folderOf(test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sandbox-test-'));
  atEnd(test, () => fs.rmSync(folder, {recursive: true}));
  return folder;
}
