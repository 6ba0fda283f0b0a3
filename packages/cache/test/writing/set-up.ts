import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { onTestFinished } from 'vitest'
import { createCache, type CacheManager } from '../../src/index.ts'
import type { BehindOptions, WriteEntry, WriteOrigin } from '../../src/writing/options.ts'
import { createWriter, type Writer } from '../../src/writing/writer.ts'

/** A folder until the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Origin {
  write: WriteOrigin
  /** What it holds; a deletion is absent. */
  rows: Map<string, unknown>
  batches: WriteEntry[][]
  /** Thrown for every batch while it is set. */
  fails: Error | undefined
  /** Identifiers that make any batch with them fail. */
  poison: Set<string>
  /** Waited for before anything is taken. */
  gate: Promise<void> | undefined
}

/** A store of record that takes a write only when its sequence number is later than what it has. */
export function origin(): Origin {
  const sequences = new Map<string, number>()
  const self: Origin = {
    rows: new Map(),
    batches: [],
    fails: undefined,
    poison: new Set(),
    gate: undefined,
    write: async (batch) => {
      self.batches.push([...batch])
      await self.gate
      if (self.fails !== undefined) throw self.fails
      if (batch.some(({ id }) => self.poison.has(id))) throw new Error('refused by a constraint')
      for (const { id, operation, value, sequence } of batch) {
        if ((sequences.get(id) ?? 0) >= sequence) continue
        sequences.set(id, sequence)
        if (operation === 'set') self.rows.set(id, value)
        else self.rows.delete(id)
      }
    },
  }
  return self
}

export interface BehindSetUp {
  writer: Writer
  cache: CacheManager
  directory: string
  metric: (outcome: string) => number
  /** The same folder, as the next process finds it. */
  reopen: () => Promise<Writer>
}

/** Everything fast: batches are not waited for, pauses last a millisecond. */
export async function behind(
  given: {
    write: WriteOrigin
    cache?: CacheManager
    clock?: Clock
    writeTimeoutMs?: number
  } & Partial<BehindOptions>,
): Promise<BehindSetUp> {
  const {
    write,
    clock = systemClock,
    writeTimeoutMs = 5_000,
    cache = createCache({ registry: new MetricRegistry() }),
    ...options
  } = given
  const directory = options.directory ?? temporaryFolder()
  const registry = new MetricRegistry()
  const open = async (): Promise<Writer> => {
    const writer = await createWriter(cache, 'n', {
      strategy: 'behind',
      write,
      clock,
      writeTimeoutMs,
      registry,
      behind: { batchMs: 1, retryBaseMs: 1, retryMaxMs: 5, ...options, directory },
    })
    onTestFinished(async () => void (await writer.close({ deadlineMs: 0 })))
    return writer
  }
  const metric = (outcome: string): number =>
    registry
      .collect()
      .filter(({ name }) => name === 'millrace_cache_writes_total')
      .flatMap(({ series }) => series)
      .filter(({ labels }) => labels.outcome === outcome)
      .reduce((sum, { value }) => sum + Number(value), 0)
  return { writer: await open(), cache, directory, metric, reopen: open }
}
