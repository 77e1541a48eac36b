// live.mjs - a run as it changes: by the producer's events; while these are cut, read again every two seconds.
import { get, open, Problem, Refused } from './api.mjs';

const AGAIN_MS = 2000;
const STREAMS = 3; // a browser keeps six connections to a host: the others are for what a person does
export const EVENTS = { accept: 'text/event-stream' };

/** {id, run} of each event, as they come. */
export async function* eventsOf(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const fields = Object.fromEntries(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
      if (fields.data) yield { id: fields.id, run: JSON.parse(fields.data) };
    }
  }
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const fits = (problem) => !(problem instanceof Refused) && !(problem instanceof Problem && problem.status === 404);

let streams = 0;
/** use(run) at each change until it has ended; ends early when `signal` says that nobody looks. */
export async function followRun({ task, company }, use, signal) {
  const path = `runs/${encodeURIComponent(task)}`, scope = `company=${company}`;
  let seen;
  const ended = (run) => { use(run); return run.state === 'finished'; };
  const listen = async () => {
    const answer = await open('GET', `${path}/events?${scope}`, undefined, { signal, headers: { ...EVENTS, ...(seen ? { 'last-event-id': seen } : {}) } });
    if (!answer.ok || answer.status === 204) return false;
    for await (const { id, run } of eventsOf(answer)) {
      seen = id;
      if (ended(run)) return true;
    }
    return false;
  };
  const listenWhereThereIsRoom = async () => {
    if (streams >= STREAMS) return false;
    streams += 1;
    try { return await listen(); } catch { return false; } finally { streams -= 1; }
  };
  while (!signal?.aborted) {
    if (await listenWhereThereIsRoom()) return;
    if (signal?.aborted) return;
    const run = await get(`${path}?${scope}`, signal).catch((problem) => { if (!fits(problem)) throw problem; });
    if (run && !signal?.aborted && ended(run)) return;
    await pause(AGAIN_MS);
  }
}
