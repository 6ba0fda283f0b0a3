import { one, type HeaderBag } from './header.ts'
import type { Produced } from './response.ts'

/** Never part of a stored response: they belong to one connection or one moment (RFC 9111, section 3.1). */
const NOT_STORED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'set-cookie',
  'age',
  'x-cache',
])

/**
 * A response as it is stored: what a hit sends again. A class, because values of the library may stand under the
 * same namespace and key.
 */
export class StoredResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly storedAt: number
  /** Seconds that it was old when it was stored. */
  readonly ageS: number

  constructor({ status, headers, body }: Produced, etag: string, storedAt: number) {
    this.status = status
    this.headers = storedHeaders(headers)
    this.body = alone(body)
    this.etag = etag
    this.storedAt = storedAt
    const ageS = Number(one(headers.age) ?? 0)
    this.ageS = ageS > 0 ? Math.floor(ageS) : 0
  }
}

function storedHeaders(headers: HeaderBag): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_STORED.has(name.toLowerCase())) continue
    kept[name.toLowerCase()] = typeof value === 'number' ? String(value) : value
  }
  return kept
}

/** In memory of its own: a few bytes cut from Node's pool would keep all 64 KiB of it. */
function alone(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.byteLength) return body
  const copy = Buffer.allocUnsafeSlow(body.byteLength)
  body.copy(copy)
  return copy
}
