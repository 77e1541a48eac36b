// The HTTP shell of both peers: a server on a free port, its address in a file, JSON bodies with a
// limit, and an end within a second of SIGTERM.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

/** An answer of the imitated or the admin surface that ends the request with a status. */
export class HttpError extends Error {
  constructor(status, body, headers = {}) {
    super(typeof body === 'string' ? body : JSON.stringify(body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/**
 * Starts a server and answers {server, port, url, close()}.
 * With `tlsCert` and `tlsKey` (PEM files) it speaks HTTPS.
 * `handle(request, response)` may throw an HttpError; anything else thrown is a bug of the sandbox
 * and answers 500 with a line on standard error.
 */
export async function serve({listen = '127.0.0.1:0', addressFile, tlsCert, tlsKey, handle}) {
  const answer = (request, response) => {
    handle(request, response).catch(error => {
      if (!(error instanceof HttpError))
        console.error(`sandbox: ${request.method} ${request.url}: ${error.stack.replace(/\n\s*/g, ' | ')}`);
      if (response.headersSent || response.destroyed) return response.destroy();
      sendJson(response, error.status ?? 500, error.body ?? {errors: `sandbox: ${error.message}`}, error.headers);
    });
  };
  const server = tlsCert
    ? https.createServer({cert: fs.readFileSync(tlsCert), key: fs.readFileSync(tlsKey)}, answer)
    : http.createServer(answer);
  server.keepAliveTimeout = 60_000; // clients keep connections between two runs of a task
  server.requestTimeout = 0; // a hanging answer is a fault we play on purpose
  const colon = listen.lastIndexOf(':');
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(listen.slice(colon + 1)), listen.slice(0, colon), 1024, resolve);
  });
  const {port} = server.address();
  const url = `${tlsCert ? 'https' : 'http'}://${listen.slice(0, colon)}:${port}`;
  if (addressFile) writeAtomically(addressFile, url);
  const close = () =>
    new Promise(resolve => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return {server, port, url, close};
}

export function writeAtomically(file, text) {
  fs.mkdirSync(path.dirname(path.resolve(file)), {recursive: true});
  fs.writeFileSync(`${file}.${process.pid}.tmp`, text);
  fs.renameSync(`${file}.${process.pid}.tmp`, file);
}

/** The whole body as a Buffer; more than `limit` bytes are refused with 413. */
export function readBody(request, limit = 8 << 20) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    request.on('data', chunk => {
      size += chunk.length;
      if (size > limit) reject(new HttpError(413, {errors: `body over ${limit} bytes`}));
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** The body as JSON ({} when empty); anything else is refused with 400. */
export async function readJson(request, limit) {
  const text = (await readBody(request, limit)).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, {errors: `body is not JSON: ${error.message}`});
  }
}

export function sendJson(response, status, value, headers = {}) {
  const text = value === undefined ? '' : JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Ends the process in order at SIGTERM or SIGINT; `close` gets at most 800 ms. */
export function endOnSignal(close) {
  const end = async () => {
    setTimeout(() => process.exit(0), 800).unref();
    await close();
    process.exit(0);
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}
