// web_modules.test.mjs - every module of the page parses: a browser would say so on the one page that needs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../../web', import.meta.url));
const modules = ['.', 'pages'].flatMap((folder) => readdirSync(`${WEB}/${folder}`).filter((file) => file.endsWith('.mjs')).map((file) => `${WEB}/${folder}/${file}`));

test('every module of the page parses', () => {
  assert.ok(modules.length >= 10, `only ${modules.length} modules`);
  const wrong = modules.map((file) => spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' })).filter(({ status }) => status !== 0);
  assert.deepEqual(wrong.map(({ stderr }) => stderr), []);
});
