// bullmq.mjs fill|drain HOST:PORT JOBS - no-op jobs on BullMQ: its defaults, which keep a job's record
// after its end too.
import { Queue, Worker } from 'bullmq'
import { tally } from './tally.mjs'

const [, , what, address, jobs] = process.argv
const [host, port] = address.split(':')
const connection = { host, port: Number(port), maxRetriesPerRequest: null }
const BULK = 1000
const CONCURRENCY = 100 // a process; Redis is asked for one job at a time by each

if (what === 'fill') {
  const queue = new Queue('bench', { connection })
  for (let first = 0; first < Number(jobs); first += BULK) {
    const count = Math.min(BULK, Number(jobs) - first)
    await queue.addBulk(Array.from({ length: count }, (_, i) => ({ name: 'nothing', data: { company: (first + i) % 500 } })))
  }
  await queue.close()
} else {
  const count = tally()
  const worker = new Worker('bench', async () => count.begins(), { connection, concurrency: CONCURRENCY })
  worker.on('completed', () => count.ends())
}
