/**
 * A process that writes behind, for tests that kill it: every write is acknowledged on standard output before the next line. Arguments:
 * the journal's folder, the address of a PostgreSQL server (or `-`: an origin that is away), how many writers at once, the bytes of a value,
 * and `unique` for a key of its own for every write.
 */
import { writeSync } from 'node:fs'
import { createPool } from '@millrace/core/postgres'
import { silentLogger } from '@millrace/core'
import { createCache } from '../../../src/cache.ts'
import { createWriter } from '../../../src/writing/writer.ts'
import { upsertProfiles } from './postgres-origin.ts'

const [directory = '', url = '-', writers = '4', bytes = '20', keys = 'few'] = process.argv.slice(2)
// Node leaves the default, which ends the process: with a handler a write beyond RLIMIT_FSIZE fails like one on a full disk.
process.on('SIGXFSZ', () => undefined)

const pool = url === '-' ? undefined : createPool(url, { logger: silentLogger, max: 2 })
const writer = await createWriter<string>(createCache(), 'profile', {
  strategy: 'behind',
  write: async (batch) => {
    if (pool === undefined) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    await upsertProfiles(pool, batch)
  },
  behind: {
    directory,
    batchMs: 5,
    maxEntries: 100_000,
    retryBaseMs: 10,
    retryMaxMs: 50,
    segmentBytes: 65_536,
  },
})

/** The pipe is full while whoever reads it has no time, which must not end this process. */
function say(line: string): void {
  for (let rest = Buffer.from(`${line}\n`); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

process.on('message', (message) => {
  if (message !== 'stop') return
  void writer.close({ deadlineMs: 20_000 }).then(async ({ pending }) => {
    say(`closed ${pending}`)
    await pool?.end()
    process.disconnect()
    process.exit(0)
  })
})

async function produce(lane: number): Promise<void> {
  for (let value = 1; ; value++) {
    const id = keys === 'unique' ? `${process.pid}-${lane}-${value}` : `${lane}-${value % 25}`
    const text = `${process.pid}:${value}`
    try {
      await writer.set(id, text.padEnd(Number(bytes), '.'))
      say(`ok ${id} ${text}`)
    } catch (error) {
      const code = (error as { code?: string }).code
      if (code === 'CACHE_CLOSED') return
      say(`refused ${code}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

say('ready')
await Promise.all(Array.from({ length: Number(writers) }, (_, lane) => produce(lane)))
