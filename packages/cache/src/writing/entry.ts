import { deserialize, serialize } from 'node:v8'
import { cacheErrors } from '../errors.ts'
import { findPath, measureValue } from '../memory/size.ts'
import { MAX_PAYLOAD_BYTES } from './journal/record.ts'
import type { JournalEntry } from './journal/replay.ts'

/** A write that was accepted and has not arrived. */
export interface PendingWrite {
  sequence: number
  id: string
  operation: 'set' | 'delete'
  value: unknown
  /** Milliseconds since the epoch. */
  at: number
  /** Of its payload in the journal. */
  bytes: number
  /** How often it was handed to the origin. */
  attempts: number
  /** How often it failed alone. */
  failures: number
  /** Monotonic; not before then. */
  notBefore: number
  /** How many writes of the queue had arrived when it first failed alone: others arriving since means it is to blame. */
  arrivedAtFailure: number
  lastError: string | undefined
  /** Of an earlier process: others may have cached what the origin held meanwhile. */
  replayed: boolean
}

type Stored = [id: string, operation: 'set' | 'delete', at: number, value: unknown]

/**
 * The payload in V8's own format, which holds what structuredClone accepts and which later versions of Node read.
 * @throws CACHE_VALUE_NOT_SERIALISABLE, CACHE_WRITE_TOO_LARGE
 */
export function encodeWrite(
  namespace: string,
  write: Pick<PendingWrite, 'id' | 'operation' | 'at' | 'value'>,
): Buffer {
  const stored: Stored = [write.id, write.operation, write.at, write.value]
  let payload: Buffer
  try {
    payload = serialize(stored)
  } catch (error) {
    const size = measureValue(write.value)
    const type = typeof size === 'number' ? typeof write.value : size.type
    const path = typeof size === 'number' ? '' : findPath(write.value, type)
    throw cacheErrors.VALUE_NOT_SERIALISABLE({ namespace, id: write.id, path, type }, error)
  }
  const bytes = payload.length
  if (bytes <= MAX_PAYLOAD_BYTES) return payload
  throw cacheErrors.WRITE_TOO_LARGE({ namespace, id: write.id, bytes, max: MAX_PAYLOAD_BYTES })
}

export function pendingWrite(
  write: Pick<PendingWrite, 'sequence' | 'id' | 'operation' | 'value' | 'at' | 'bytes'>,
): PendingWrite {
  return {
    ...write,
    attempts: 0,
    failures: 0,
    notBefore: 0,
    arrivedAtFailure: 0,
    lastError: undefined,
    replayed: false,
  }
}

/** Undefined when the payload cannot be read, which its checksum makes a matter of versions, not of disks. */
export function decodeWrite({ sequence, payload }: JournalEntry): PendingWrite | undefined {
  try {
    const [id, operation, at, value] = deserialize(payload) as Stored
    return { ...pendingWrite({ sequence, id, operation, value, at, bytes: payload.length }), replayed: true }
  } catch {
    return undefined
  }
}
