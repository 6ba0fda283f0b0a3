import { randomFillSync } from 'node:crypto'

// Random bytes are drawn 16 KiB at a time: one call into OpenSSL per request would cost more than everything else here.
const pool = Buffer.allocUnsafe(16_384)
let used = pool.length

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += bytes
  return pool.toString('hex', used - bytes, used)
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/
const REQUEST_ID = /^[\w.:/+=@-]{1,128}$/

/** Whether a `traceparent` can be continued (W3C Trace Context, section 3.2): not version ff, ids not all zero. */
export function isTraceparent(value: string): boolean {
  return (
    TRACEPARENT.test(value) &&
    !value.startsWith('ff') &&
    !value.startsWith('00000000000000000000000000000000', 3) &&
    !value.startsWith('0000000000000000', 36)
  )
}

/** An id that is safe to log and to forward. */
export const isRequestId = (value: string): boolean => REQUEST_ID.test(value)

/** 32 hexadecimal digits; also the form of a request id. */
export const createTraceId = (): string => randomHex(16)

/** `sampled` sets the flag that tells parent-based samplers to record. */
export const createTraceparent = (traceId: string, sampled: boolean): string =>
  `00-${traceId}-${randomHex(8)}-${sampled ? '01' : '00'}`
