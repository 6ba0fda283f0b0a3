import type { Cache, Clock, Logger } from '@millrace/core'
import { silentLogger, systemClock } from '@millrace/core'
import type { MetricRegistry } from '@millrace/core/metrics'
import { cacheErrors } from '../errors.ts'
import type { CacheInstruments } from '../metrics.ts'
import { timeout, whole } from '../options.ts'
import type { Durability } from './journal/append-file.ts'
import { MAX_PAYLOAD_BYTES } from './journal/record.ts'

export const WRITE_STRATEGIES = ['through', 'around', 'behind'] as const
/**
 * `through`: the origin first, then the cache. `around`: the origin, and the cache forgets. `behind`: a journal on disk
 * and the cache at once, the origin later.
 */
export type WriteStrategy = (typeof WRITE_STRATEGIES)[number]

/** What the writer needs of a cache: any implementation of the port will do. */
export type WriterCache = Pick<Cache, 'get' | 'set' | 'getOrSet' | 'delete'>

export interface WriteEntry<Value = unknown> {
  namespace: string
  id: string
  operation: 'set' | 'delete'
  /** Undefined for a deletion. */
  value: Value | undefined
  /**
   * Rises with every write of this writer, across restarts. An origin that takes a write only when its number is higher
   * than the one it has turns "at least once" into "exactly once", and never goes back to an older value.
   */
  sequence: number
  /** Of this one write, the same in every repetition: `<journal>:<sequence>`. */
  token: string
  /** When it was accepted, in milliseconds since the epoch. */
  at: number
  /** 1 at the first delivery; more when it may have arrived before. */
  attempt: number
}

export interface WriteFailure {
  sequence: number
  error: unknown
  /** It will never succeed: straight to the dead letters. */
  permanent?: boolean
}

/**
 * Writes a batch to the origin; each key is in it once. Resolves when all has arrived, or names what has not; rejecting
 * means that any of it may not have arrived. Later batches wait.
 */
export type WriteOrigin<Value = unknown> = (
  batch: readonly WriteEntry<Value>[],
  signal: AbortSignal,
  // A callback that has nothing to report returns nothing.
  // oxlint-disable-next-line typescript/no-invalid-void-type
) => Promise<void | readonly WriteFailure[]>

export interface BehindOptions {
  /** A folder of this writer alone, on a disk of this machine. */
  directory: string
  /** Default `disk`: acknowledged writes survive a power failure. */
  durability?: Durability
  /** Default 100. */
  batchSize?: number
  /** How long an entry waits for others to share its batch. Default 50. */
  batchMs?: number
  /** Default 10,000. */
  maxEntries?: number
  /** Of the values as journaled. Default 64 MiB. */
  maxBytes?: number
  /** How long `set` waits for room before CACHE_WRITE_QUEUE_FULL. Default 1,000; 0 refuses at once. */
  fullTimeoutMs?: number
  /** How often an entry fails alone, while others arrive, until it is a dead letter. Default 5. */
  maxAttempts?: number
  /** Ceilings of the first and of every pause after failures. Default 100 and 30,000. */
  retryBaseMs?: number
  retryMaxMs?: number
  /** Kept until they are retried or discarded; beyond, entries that fail stay in the queue. Default 1,000. */
  maxDeadLetters?: number
  /** Of one journal file. Default 8 MiB. */
  segmentBytes?: number
}

export interface WriterOptions<Value = unknown> {
  strategy: WriteStrategy
  write: WriteOrigin<Value>
  /** Of one call of `write`. Default 10 s. */
  writeTimeoutMs?: number
  /** Required for `behind`. */
  behind?: BehindOptions
  /** Default: the process's registry. */
  registry?: MetricRegistry
  instruments?: CacheInstruments
  clock?: Clock
  logger?: Logger
  /** For the jitter of the pauses. Default `Math.random`. */
  random?: () => number
}

export interface WriterLimits {
  writeTimeoutMs: number
  clock: Clock
  logger: Logger
  random: () => number
}

/** @throws CACHE_OPTION_INVALID */
export function resolveWriterOptions<Value>(options: WriterOptions<Value>): WriterLimits {
  if (!WRITE_STRATEGIES.includes(options.strategy)) {
    const accepted = WRITE_STRATEGIES.join(', ')
    throw cacheErrors.OPTION_INVALID({ field: 'strategy', value: options.strategy, accepted })
  }
  return {
    writeTimeoutMs: timeout('writeTimeoutMs', options.writeTimeoutMs ?? 10_000),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
    random: options.random ?? Math.random,
  }
}

export type BehindLimits = Required<BehindOptions>

/** @throws CACHE_OPTION_INVALID */
export function resolveBehindOptions(given: BehindOptions | undefined): BehindLimits {
  if (typeof given?.directory !== 'string' || given.directory === '') {
    const accepted = 'the path of a folder for the journal'
    throw cacheErrors.OPTION_INVALID({ field: 'behind.directory', value: given?.directory, accepted })
  }
  const durability = given.durability ?? 'disk'
  if (durability !== 'disk' && durability !== 'process') {
    throw cacheErrors.OPTION_INVALID({
      field: 'behind.durability',
      value: durability,
      accepted: 'disk, process',
    })
  }
  const maxBytes = whole('behind.maxBytes', given.maxBytes ?? MAX_PAYLOAD_BYTES)
  return {
    directory: given.directory,
    durability,
    batchSize: whole('behind.batchSize', given.batchSize ?? 100),
    batchMs: whole('behind.batchMs', given.batchMs ?? 50, 0),
    maxEntries: whole('behind.maxEntries', given.maxEntries ?? 10_000),
    maxBytes,
    fullTimeoutMs: whole('behind.fullTimeoutMs', given.fullTimeoutMs ?? 1_000, 0),
    maxAttempts: whole('behind.maxAttempts', given.maxAttempts ?? 5),
    retryBaseMs: whole('behind.retryBaseMs', given.retryBaseMs ?? 100),
    retryMaxMs: timeout('behind.retryMaxMs', given.retryMaxMs ?? 30_000),
    maxDeadLetters: whole('behind.maxDeadLetters', given.maxDeadLetters ?? 1_000),
    segmentBytes: whole('behind.segmentBytes', given.segmentBytes ?? 8 * 1_048_576),
  }
}
