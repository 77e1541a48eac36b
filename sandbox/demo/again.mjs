// again.mjs - what is asked once more at the end: the peers, for doctor; and how much a shop's syncs would read, were they set back to where the first one began: what
// `cartage reset sync SHOP orders --to TIME` tells before anybody agrees to it. Reads only.

async function ended(api, run) {
  let now = run;
  while (now.state !== 'finished') {
    now = await api.get(`runs/${now.task}?company=${now.company}&wait=30&since=${encodeURIComponent(now.version ?? '')}`);
  }
  return now;
}

/** [["orders", 310], ["shipments", 120]] and the time they are counted from. */
export async function countAgain(api, shop) {
  const { times, history_start: first } = await api.get(`shops/${shop}/times`);
  const from = `${first}T00:00:00Z`;
  const counts = [];
  for (const { name: what } of times) {
    const run = await ended(api, await api.post('sync', { operation: 'sync.count', arguments: { shop, what, from }, detach: true }));
    counts.push([what, run.counts?.read ?? 0]);
  }
  return { from, counts };
}

/** What doctor has to say: its rows that are not ok, once the peers were looked at. */
export async function doctorSays(api) {
  await api.post('checks', { operation: 'doctor.probe' });
  await api.post('checks', { operation: 'webhooks.check' });
  const { checks } = await api.get('doctor');
  return checks.filter(({ state }) => state !== 'ok').map(({ state, code, text }) => `${state} ${code}: ${text}`);
}
