import type { Namespace } from '../namespace.ts'
import type { Evictable } from './eviction.ts'
import { hashKey } from './hash.ts'
import type { EntryQueue } from './queue.ts'

/**
 * One stored value. The eviction policy's links live in the entry itself, so that a hit touches one object and an
 * eviction allocates nothing.
 */
export class Entry implements Evictable<Entry> {
  readonly namespace: Namespace
  readonly id: string
  readonly value: unknown
  /** Estimated, key and bookkeeping included. */
  readonly bytes: number
  /** On the monotonic clock. */
  readonly storedAt: number
  /** On the monotonic clock; Infinity: never. */
  readonly expiresAt: number
  readonly tags: readonly string[]
  /** Milliseconds that it may be served after its time. */
  readonly staleMs: number
  /** How long it took to make, milliseconds; 0: unknown. */
  readonly loadMs: number
  /** Version of the invalidation log up to which this entry is known to be valid. */
  version: number

  /** Of namespace and identifier: for the eviction policy and for sampling, which would else hash at every hit. */
  readonly hash: number

  queue: EntryQueue<Entry> | undefined = undefined
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined
  frequency = 0

  constructor(fields: {
    namespace: Namespace
    id: string
    value: unknown
    bytes: number
    storedAt: number
    expiresAt: number
    tags: readonly string[]
    version: number
    staleMs: number
    loadMs: number
  }) {
    this.namespace = fields.namespace
    this.id = fields.id
    this.value = fields.value
    this.bytes = fields.bytes
    this.storedAt = fields.storedAt
    this.expiresAt = fields.expiresAt
    this.tags = fields.tags
    this.staleMs = fields.staleMs
    this.loadMs = fields.loadMs
    this.version = fields.version
    this.hash = hashKey(fields.namespace.name, fields.id)
  }
}
