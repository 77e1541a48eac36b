// history.mjs - the runs of the last two hours, for plots: the newest as they come, older ones read once, a page at a look.
const SPAN_MS = 2 * 3_600_000;
const PAGE = 200, PAGES = 10; // so far back at most: two thousand runs of a company

const past = new Map(); // company -> {runs: number → run, lowest, highest, pages, whole}

function remember(own, runs) {
  for (const run of runs) {
    own.lowest = Math.min(own.lowest, run.no);
    own.highest = Math.max(own.highest, run.no);
    const { no, state, finished_ms, arguments: given, counts } = run;
    if (state === 'finished') own.runs.set(no, { no, state, finished_ms, arguments: given, counts });
  }
}

function ofCompany(company, newest) {
  const own = past.get(company);
  const known = own && Math.min(...newest.map((run) => run.no)) <= own.highest + 1; // else runs between have been missed
  if (!known) past.set(company, { runs: new Map(), lowest: Infinity, highest: 0, pages: 0, whole: false });
  return past.get(company);
}

/** Takes the newest runs and reads one page behind them where two hours are not reached; answers what is known. */
export async function readHistory(view, newest, now) {
  const companies = [...new Set(newest.map((run) => run.company))];
  for (const company of companies) {
    const mine = newest.filter((run) => run.company === company);
    remember(ofCompany(company, mine), mine);
  }
  const company = companies.find((id) => !past.get(id).whole);
  if (company) {
    const own = past.get(company);
    const { runs } = await view.get(`runs?company=${company}&limit=${PAGE}&before=${own.lowest}`);
    remember(own, runs);
    own.pages += 1;
    own.whole = runs.length < PAGE || own.pages === PAGES || (runs.at(-1).finished_ms || now) < now - SPAN_MS;
  }
  for (const own of past.values()) for (const [no, run] of own.runs) if (run.finished_ms < now - SPAN_MS) own.runs.delete(no);
  return companies.flatMap((id) => [...past.get(id).runs.values()]);
}
