// schedule.test.mjs - times, spans and weekdays between the form of an entry and the API, as the browser reckons them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './browser.mjs';

const CASES = [
  ['a span in its largest whole unit', 'spanParts', [5_400_000], { count: 90, unit: 'minute' }],
  ['two days', 'spanParts', [172_800_000], { count: 2, unit: 'day' }],
  ['a span left out', 'spanParts', [0], { count: '', unit: 'minute' }],
  ['and back', 'spanOf', [90, 'minute'], 5_400_000],
  ['weekdays as a range', 'daysOf', ['mon-fri'], [0, 1, 2, 3, 4]],
  ['over the end of the week', 'daysOf', ['sat-mon'], [0, 5, 6]],
  ['single days and a range', 'daysOf', ['mon,wed-thu'], [0, 2, 3]],
  ['none', 'daysOf', [''], []],
  ['and back', 'daysText', [[0, 2]], 'mon,wed'],
  ['a time there as an instant', 'instant', ['2026-11-30T08:00', 'Asia/Tokyo'], Date.UTC(2026, 10, 29, 23)],
  ['in summer time', 'instant', ['2026-07-01T06:00', 'Europe/London'], Date.UTC(2026, 6, 1, 5)],
  ['the hour that is left out', 'instant', ['2026-03-29T01:30', 'Europe/London'], Date.UTC(2026, 2, 29, 1, 30)],
  ['and as a clock there shows it', 'localText', [Date.UTC(2026, 6, 1, 5), 'Europe/London'], '2026-07-01T06:00'],
  ['no time', 'instant', ['', 'Europe/London'], 0],
  ['a zone', 'zoneKnown', ['Europe/London'], true],
  ['no zone', 'zoneKnown', ['Mars/Base'], false],
];

test('times, spans and weekdays', async (t) => {
  const page = await open(t, { path: '#/entry' });
  const got = await page.evaluate(async (cases) => {
    const schedule = await import(document.querySelector('script[type=module]').src.replace('app.mjs', 'schedule.mjs'));
    return cases.map(([, name, given]) => schedule[name](...given));
  }, CASES);
  for (const [index, [name, , given, want]] of CASES.entries()) assert.deepEqual(got[index], want, `${name}: ${given}`);
});
