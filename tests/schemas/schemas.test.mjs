// What others read of us is what their own schemas take: the description of the API (OpenAPI), the dashboard (Grafana), what
// scales the workers (KEDA). Each is shown once to refuse what is wrong. The schemas are modules that scripts/install test brings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const at = (path) => new URL(path, import.meta.url).pathname;
const read = (path) => readFileSync(at(`../../${path}`), 'utf8');
const clone = (value) => JSON.parse(JSON.stringify(value));

// ---- OpenAPI ----

const openapi = JSON.parse(read('schemas/openapi/openapi.json'));

async function ofOpenApi(document) {
  const { Validator } = await import('@seriousme/openapi-schema-validator');
  const { valid, errors } = await new Validator().validate(clone(document));
  return valid ? [] : errors;
}

test('the description of the API is one of OpenAPI 3.1', async () => {
  assert.match(openapi.openapi, /^3\.1\./);
  assert.deepEqual(await ofOpenApi(openapi), []);
  const [path] = Object.keys(openapi.paths);
  for (const change of [
    (wrong) => delete wrong.info.title,
    (wrong) => { wrong.paths[path].get.responses = []; },
    (wrong) => { wrong.paths[path].get.parametres = []; },
    (wrong) => { wrong.paths['no-slash'] = {}; },
  ]) {
    const wrong = clone(openapi);
    change(wrong);
    assert.notDeepEqual(await ofOpenApi(wrong), [], String(change));
  }
});

// ---- Grafana ----

const board = JSON.parse(read('deploy/grafana/cartage.json'));
const TYPES = 'node_modules/@grafana/schema/dist/types/raw';

// In JSON stand the values of an enumeration, not its names.
const asValues = (text) => text.replace(/export declare enum (\w+) \{([^}]*)\}/g, (_, name, body) =>
  `export type ${name} = ${[...body.matchAll(/= ("[^"]*"|-?\d+)/g)].map(([, value]) => value).join(' | ')};`);

/** Complaints of a compiler about a dashboard, each with its line. */
function ofGrafana(dashboard) {
  const ts = require('typescript');
  const file = at('dashboard.ts');
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  const options = panels.map((panel, i) => `export const options${i}: Part<${panel.type}.Options> = ${JSON.stringify(panel.options ?? {}, null, 1)};`);
  const custom = panels.filter(({ type }) => type === 'timeseries')
    .map((panel, i) => `export const custom${i}: Part<timeseries.FieldConfig> = ${JSON.stringify(panel.fieldConfig?.defaults?.custom ?? {}, null, 1)};`);
  const text = [
    `import type { Dashboard } from './${TYPES}/dashboard/x/types.gen';`,
    ...[...new Set(panels.map(({ type }) => type))].map((type) => `import type * as ${type} from './${TYPES}/composable/${type}/panelcfg/x/types.gen';`),
    'type Part<T> = T extends (infer E)[] ? Part<E>[] : T extends object ? { [K in keyof T]?: Part<T[K]> } : T;',
    `export const dashboard: Dashboard = ${JSON.stringify(dashboard, null, 1)};`,
    ...options, ...custom,
  ].join('\n');
  const settings = { strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] };
  const host = ts.createCompilerHost(settings);
  const plain = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...more) => {
    if (name === file) return ts.createSourceFile(name, text, version, true);
    if (!name.includes('@grafana/schema')) return plain(name, version, ...more);
    return ts.createSourceFile(name, asValues(readFileSync(name, 'utf8')), version, true);
  };
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || exists(name);
  const program = ts.createProgram([file], settings, host);
  return ts.getPreEmitDiagnostics(program).filter((one) => one.file?.fileName === file).map((one) => {
    const { line } = one.file.getLineAndCharacterOfPosition(one.start);
    return `${text.split('\n')[line].trim()}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`;
  });
}

test('the dashboard is one of Grafana', () => {
  assert.deepEqual(ofGrafana(board), []);
  for (const change of [
    (wrong) => { wrong.panels[1].titel = 'x'; },
    (wrong) => { wrong.panels[1].gridPos.w = '4'; },
    (wrong) => { wrong.panels[1].options.colorMode = 'backdrop'; },
    (wrong) => { wrong.panels[1].fieldConfig.defaults.thresholds.mode = 'exact'; },
    (wrong) => { wrong.panels.find(({ type }) => type === 'timeseries').fieldConfig.defaults.custom.fillOpacity = 'half'; },
    (wrong) => { wrong.panels.find(({ type }) => type === 'timeseries').options.legend.placement = 'below'; },
    (wrong) => delete wrong.schemaVersion,
  ]) {
    const wrong = clone(board);
    change(wrong);
    assert.notDeepEqual(ofGrafana(wrong), [], String(change));
  }
});

// ---- KEDA ----

test('what scales the workers is an object of KEDA', async () => {
  const { parse } = require('yaml');
  const { ScaledObject } = require('@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject');
  const scaled = parse(read('deploy/keda/cartage-worker.yaml'));
  const check = (object) => new ScaledObject(object).validate();
  check(scaled);
  assert.deepEqual([scaled.apiVersion, scaled.kind], ['keda.sh/v1alpha1', 'ScaledObject']);
  for (const change of [
    (wrong) => { wrong.spec.maxReplicaCount = 'twenty'; },
    (wrong) => delete wrong.spec.triggers,
    (wrong) => delete wrong.spec.scaleTargetRef.name,
    (wrong) => { wrong.spec.triggers[0].metadata.threshold = 8; }, // KEDA takes words only
  ]) {
    const wrong = clone(scaled);
    change(wrong);
    assert.throws(() => check(wrong), /data/, String(change));
  }
});
