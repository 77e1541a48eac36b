// strike.mjs - requests by chance, made from the document: mostly almost right, sometimes not at all.
import { connect } from 'node:net';

import { fault, waits } from './answers.mjs';
import { known, pathOf } from './described.mjs';
import { NASTY, broken, example } from './schema.mjs';
import { seeded } from './random.mjs';

const LANES = 4, FAULTS_MOST = 50;
const ROLES = ['admin', 'admin', 'admin', 'operate', 'view', 'nobody'];
const GARBAGE = ['GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'POST /v1/sync HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'POST /v1/sync HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n', '\u0000'.repeat(64), `GET /${'a'.repeat(40000)} HTTP/1.1\r\n\r\n`,
  `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}\r\n`];

function valueOf(random, names, name, schema, document) {
  if (random.chance(0.6) && names[name]) return String(random.pick(names[name]));
  if (random.chance(0.5)) return String(example(document, schema ?? {}, random, names, name));
  return random.pick(NASTY);
}

// encodeURIComponent throws on half a character, which no URL can hold.
const whole = (text) => (text.toWellFormed ? text.toWellFormed() : text.replace(/[\ud800-\udfff]/g, '?'));

function queryOf(random, names, route, document) {
  const parts = [];
  for (const one of route.parameters.filter((each) => each.in === 'query')) {
    if (!one.required && !random.chance(0.4)) continue;
    // A caller that waits for a minute is another test's.
    const value = one.name === 'wait' ? random.pick(['0', '-1', '61', 'x']) : valueOf(random, names, one.name, one.schema, document);
    parts.push(`${one.name}=${encodeURIComponent(whole(value))}`);
  }
  if (random.chance(0.05)) parts.push(random.pick(['%', '%zz=%ff', '=', '&&', 'limit', 'limit=1&limit=2', 'company=%00', 'a[]=1']));
  return parts.length ? `?${parts.join('&')}` : '';
}

function bodyOf(random, names, route, document) {
  const contents = route.operation.requestBody?.content;
  if (!contents) return random.chance(0.05) ? { type: 'application/json', text: random.pick(['{}', '[]', 'x', '{"a":']) } : {};
  const type = random.pick(Object.keys(contents));
  let value = example(document, contents[type].schema, random, names);
  for (let times = random.below(4); times > 0; times--) value = broken(value, random);
  let text = JSON.stringify(value) ?? 'null';
  const what = random.below(30);
  if (what === 0) text = text.slice(0, random.below(text.length + 1));
  if (what === 1) text = '['.repeat(random.below(5000));
  if (what === 2) text = Buffer.from([0xff, 0xfe, 0x00, random.below(256)]).toString('latin1') + text;
  if (what === 3) text = text.replace(/\d+/g, '1e400');
  return { type: random.chance(0.95) ? type : random.pick(['text/plain', 'application/xml', '', 'multipart/form-data; boundary=x']), text };
}

function garbage(house, random) {
  return new Promise((done) => {
    const socket = connect(Number(house.url.port), house.url.hostname, () => socket.end(random.pick(GARBAGE)));
    socket.on('data', () => {});
    socket.on('error', done);
    socket.on('close', done);
    socket.setTimeout(2000, () => socket.destroy());
  });
}

async function once(house, routes, random, names, faults) {
  if (random.chance(0.005)) return garbage(house, random);
  const route = random.pick(routes), { document } = house;
  const as = random.pick(ROLES);
  // A path ends at a zero: it is another route.
  const path = pathOf(route, (name) => whole(valueOf(random, names, name, {}, document).replaceAll('\0', '\u0001'))) + queryOf(random, names, route, document);
  const { type, text } = bodyOf(random, names, route, document);
  const headers = as === 'nobody' ? {} : { authorization: `Bearer ${house.tokens[as]}` };
  if (type !== undefined) headers['content-type'] = type;
  for (const one of route.parameters.filter((each) => each.in === 'header')) if (random.chance(0.3)) headers[one.name] = `h${random.below(50)}`;
  let answer;
  try {
    answer = await house.ask(route.method, path, headers, text, waits(route) ? 700 : route.method === 'GET' ? 3000 : 8000);
  } catch (error) {
    answer = { status: 0, headers: {}, text: '', failed: error.message };
  }
  // A path that chance has made is another route's, or none.
  const lost = (answer.status === 404 || answer.status === 405) && answer.json?.detail;
  const problem = lost ? null : fault(house, route, as, answer);
  if (problem) faults.push(`${route.method} ${path} as ${as} ${(text ?? '').slice(0, 300)}\n       ${answer.failed ?? problem}`);
  return undefined;
}

export async function strike(house, routes, { seconds, seed }, faults) {
  const end = Date.now() + seconds * 1000, names = known(house);
  let count = 0;
  await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
    const random = seeded(seed * LANES + lane);
    while (Date.now() < end && faults.length < FAULTS_MOST && house.producer.exitCode === null && !house.producer.signalCode) {
      await once(house, routes, random, names, faults);
      count++;
    }
  }));
  console.log(`     ${count} requests`);
  if (house.producer.exitCode !== null || house.producer.signalCode) faults.push(`the producer ended: ${house.producer.exitCode ?? house.producer.signalCode}\n${house.log('producer').slice(-3000)}`);
  if (count < 200) faults.push(`only ${count} requests were made`);
}
