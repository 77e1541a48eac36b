// free-ports.mjs N - prints N free loopback ports. All are held open at once, so they differ.
import { createServer } from 'node:net';

const count = Number(process.argv[2] ?? 1);
const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
  const server = createServer().on('error', reject);
  server.listen(0, '127.0.0.1', () => resolve(server));
})));
console.log(servers.map((server) => server.address().port).join(' '));
for (const server of servers) server.close();
