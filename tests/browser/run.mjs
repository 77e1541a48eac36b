// run.mjs [NAME...] - the browser tests, all or those whose file names contain a NAME, on one stack and in one browser.
import { readdirSync } from 'node:fs';

const names = process.argv.slice(2);
const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.test.mjs')).sort();
const chosen = files.filter((file) => !names.length || names.some((name) => file.includes(name)));
if (!chosen.length) {
  console.error(`no browser test of the name ${names.join(' or ')}; there are ${files.join(', ')}`);
  process.exit(1);
}
for (const file of chosen) await import(`./${file}`);
