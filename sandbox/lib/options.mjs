// Flags of both peers; each is also an environment variable SANDBOX_<NAME>, and the flag wins.

const COMMON = {
  listen: {type: 'text', fallback: '127.0.0.1:0', help: 'address to listen on; port 0 takes a free one'},
  'address-file': {type: 'text', help: 'file that gets http://HOST:PORT once the peer answers'},
  'tls-cert': {type: 'text', help: 'certificate, PEM: speaks HTTPS with it and --tls-key'},
  'tls-key': {type: 'text', help: 'private key of that certificate, PEM'},
  data: {type: 'text', fallback: 'synthetic', oneOf: ['synthetic', 'none', 'retail'], help: 'which world to load'},
  orders: {type: 'text', help: 'Online Retail file (.csv or .csv.gz); implies --data retail'},
  days: {type: 'number', help: 'days of the file to serve (default: all)'},
  from: {type: 'text', help: 'first day of the file to serve, YYYY-MM-DD'},
  seed: {type: 'number', fallback: 1, help: 'what the world, latencies and fault draws depend on'},
  companies: {type: 'number', fallback: 1, help: 'companies of the world'},
  stores: {type: 'number', fallback: 1, help: 'stores of the world'},
  latency: {type: 'text', fallback: 'none', oneOf: ['none', 'real'], help: 'latency profile'},
  'time-scale': {type: 'number', fallback: 1, help: 'bucket time runs this many times real time'},
  state: {type: 'text', help: 'file that keeps the changes across restarts'},
  quiet: {type: 'flag', help: 'say nothing on standard output'},
};

/** Parses `argv`; `extra` adds the peer's own flags. Prints and ends the process on --help and on mistakes. */
export function parseOptions(argv, {program, extra = {}, environment = process.env}) {
  const table = {...COMMON, ...extra};
  try {
    if (argv.includes('--help')) {
      console.log(`usage: ${program} [flags]`);
      for (const [name, row] of Object.entries(table))
        console.log(
          `  --${name.padEnd(14)} ${row.help}${row.fallback === undefined ? '' : ` (default ${row.fallback})`}`,
        );
      process.exit(0);
    }
    return readOptions(argv, table, environment);
  } catch (error) {
    console.error(`${program}: ${error.message}; see --help`);
    process.exit(2);
  }
}

function readOptions(argv, table, environment) {
  const given = {};
  for (let i = 0; i < argv.length; i++) {
    const [, name, , inline] = /^--([a-z-]+)(=(.*))?$/s.exec(argv[i]) ?? [];
    if (!table[name]) throw new Error(`${argv[i]}: not a flag of this program`);
    if (table[name].type === 'flag') given[name] = 'true';
    else if ((given[name] = inline ?? argv[++i]) === undefined) throw new Error(`--${name}: a value is wanted`);
  }
  const options = {};
  for (const [name, row] of Object.entries(table)) {
    const text = given[name] ?? environment[`SANDBOX_${name.toUpperCase().replaceAll('-', '_')}`];
    options[name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())] =
      text === undefined || text === '' ? row.fallback : valueOf(name, row, text);
  }
  if (options.orders) options.data = 'retail';
  if (options.data === 'retail' && !options.orders) throw new Error('--data retail: --orders FILE is wanted');
  if (!options.tlsCert !== !options.tlsKey) throw new Error('--tls-cert and --tls-key go together');
  return options;
}

function valueOf(name, row, text) {
  if (row.type === 'flag') return text === 'true' || text === '1';
  if (row.oneOf && !row.oneOf.includes(text))
    throw new Error(`--${name}: want one of ${row.oneOf.join(', ')}, not ${text}`);
  if (row.type !== 'number') return text;
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Error(`--${name}: want a number, not ${text}`);
  return number;
}
