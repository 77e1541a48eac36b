// running.mjs - the newest runs: those that have not ended at each look, all of them when one has begun or ended.
const AGAIN_MS = 5000; // one may begin and end between two looks

let known = null; // {ask, tasks, at, runs}

/** {open: as they stand now, runs: the newest, as they stood when one last began or ended}; `ask`: of which company, how many. */
export async function readRunning(view, ask) {
  const { runs: open } = await view.get(`runs?${ask}&open=true`);
  const tasks = open.map((run) => run.task).join(' ');
  const now = Date.now();
  if (known?.ask !== ask || known.tasks !== tasks || now - known.at > AGAIN_MS) {
    const { runs } = await view.get(`runs?${ask}`);
    known = { ask, tasks, at: now, runs };
  }
  return { open, runs: known.runs };
}
