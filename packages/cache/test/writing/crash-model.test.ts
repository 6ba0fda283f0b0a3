import { cpSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behind, origin, temporaryFolder } from './set-up.ts'

const KEYS = ['a', 'b', 'c', 'd']

type Step =
  | { kind: 'set'; key: string }
  | { kind: 'delete'; key: string }
  | { kind: 'crash'; torn: number }
  | { kind: 'flush' }
  /** The origin goes away, or comes back. */
  | { kind: 'origin' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom(...KEYS) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), key: fc.constantFrom(...KEYS) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), torn: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'flush' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'origin' as const }) },
)

const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' })

/** The folder as a crash leaves it: a copy from under the running process, its last file with half a record more. */
function crashed(directory: string, torn: number): string {
  const copy = temporaryFolder()
  cpSync(directory, copy, { recursive: true, filter: (file) => !file.includes('lock.') })
  const last = readdirSync(copy)
    .filter((name) => name.endsWith('.journal'))
    .sort()
    .at(-1)!
  const file = join(copy, last)
  // Growing by a truncation leaves zeros, as file systems do after a power failure.
  truncateSync(file, statSync(file).size + torn)
  return copy
}

describe('write-behind under any order of writes, deliveries and crashes', () => {
  it('ends with the last acknowledged value of every key at the origin, and never goes back on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.boolean(),
        async (steps, small) => {
          const store = origin()
          const expected = new Map<string, unknown>()
          const seen = new Map<string, number>()
          const write: typeof store.write = async (batch, signal) => {
            for (const { id, sequence } of batch) {
              // The queue's own promise, apart from what the origin's guard would hide: never an older value after a newer one.
              expect(sequence).toBeGreaterThanOrEqual(seen.get(id) ?? 0)
              seen.set(id, sequence)
            }
            return store.write(batch, signal)
          }
          const options = { write, durability: 'process' as const, segmentBytes: small ? 300 : 8_000 }
          let queue = await behind(options)
          let value = 0
          for (const step of steps) {
            if (step.kind === 'set') {
              expected.set(step.key, ++value)
              await queue.writer.set(step.key, value)
            } else if (step.kind === 'delete') {
              expected.delete(step.key)
              await queue.writer.delete(step.key)
            } else if (step.kind === 'flush')
              await queue.writer.flush({ deadlineMs: store.fails ? 5 : 5_000 })
            else if (step.kind === 'origin') store.fails = store.fails ? undefined : away
            else {
              const left = crashed(queue.directory, step.torn)
              // What the dead process would still have sent is not its successor's business.
              await queue.writer.close({ deadlineMs: 0 })
              queue = await behind({ ...options, directory: left })
            }
            for (const key of KEYS) {
              const pending = await queue.writer.get(key)
              // Undefined: evicted, or replayed and delivered; the origin answers then.
              expect([expected.get(key), undefined]).toContain(pending)
            }
          }
          store.fails = undefined
          expect(await queue.writer.flush()).toBe(true)
          expect(store.rows).toEqual(expected)
          expect(queue.writer.deadLetters()).toEqual([])
          await queue.writer.close()
        },
      ),
      { numRuns: 40 },
    )
  })
})
