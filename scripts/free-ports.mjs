// free-ports.mjs N [WANTED] - prints N free loopback ports, of which the first is WANTED if that one is free. All are held
// open at once, so they differ; and they lie below those that the system gives to whoever asks for any, so that nobody gets
// one before it is used.
import { createServer } from 'node:net';

const [count, wanted] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 0)];
const hold = (port) => new Promise((resolve, reject) => {
  const server = createServer().on('error', reject);
  server.listen(port, '127.0.0.1', () => resolve(server));
});
const any = () => hold(20000 + Math.floor(Math.random() * 12000)).catch(any);
const servers = await Promise.all(Array.from({ length: count }, (_, i) => (i || !wanted ? any() : hold(wanted).catch(any))));
console.log(servers.map((server) => server.address().port).join(' '));
for (const server of servers) server.close();
