import { createHmac, timingSafeEqual } from 'node:crypto'
import type { StickySessions } from '../drivers/driver.ts'

const TAG_BYTES = 9
const TIME_BYTES = 4
const MAC_BYTES = 32
const CONTENT_BYTES = TAG_BYTES + TIME_BYTES
const VALUE_LENGTH = Math.ceil(((CONTENT_BYTES + MAC_BYTES) * 4) / 3)

/** What a cookie says that this gateway has signed, and that is not too old. */
export interface SessionClaim {
  /** Stands for a backend. */
  tag: string
  ageMs: number
}

/**
 * The values of a pool's session cookies: a backend's tag, the time of issue, and an HMAC-SHA256 of both with the pool's
 * name. The tag is an HMAC as well: it says nothing about the backend to anyone without the secret. Times in milliseconds
 * since the epoch.
 */
export class SessionCookie {
  readonly #settings: StickySessions
  readonly #pool: string

  constructor(settings: StickySessions, pool: string) {
    this.#settings = settings
    this.#pool = pool
  }

  tagOf(backend: string): string {
    return this.#hmac(`backend\0${this.#pool}\0${backend}`).subarray(0, TAG_BYTES).toString('base64url')
  }

  #hmac(text: string | Buffer): Buffer {
    return createHmac('sha256', this.#settings.secret).update(text).digest()
  }

  #sign(content: Buffer): Buffer {
    return this.#hmac(Buffer.concat([Buffer.from(`session\0${this.#pool}\0`), content]))
  }

  issue(tag: string, now: number): string {
    const content = Buffer.alloc(CONTENT_BYTES)
    content.write(tag, 'base64url')
    content.writeUInt32BE(Math.floor(now / 1_000), TAG_BYTES)
    return Buffer.concat([content, this.#sign(content)]).toString('base64url')
  }

  /** Undefined for what was not signed here, is too old, or from the future. Compared in constant time. */
  read(value: string | undefined, now: number): SessionClaim | undefined {
    if (value?.length !== VALUE_LENGTH) return undefined
    const bytes = Buffer.from(value, 'base64url')
    if (bytes.length !== CONTENT_BYTES + MAC_BYTES) return undefined
    const content = bytes.subarray(0, CONTENT_BYTES)
    if (!timingSafeEqual(bytes.subarray(CONTENT_BYTES), this.#sign(content))) return undefined
    // Clocks of several machines differ a little.
    const ageMs = now - content.readUInt32BE(TAG_BYTES) * 1_000
    if (ageMs > this.#settings.maxAgeMs || ageMs < -60_000) return undefined
    return { tag: content.subarray(0, TAG_BYTES).toString('base64url'), ageMs }
  }

  /** The Set-Cookie field. `Secure` where the visitor uses TLS. */
  header(tag: string, now: number, secure: boolean): string {
    const { cookieName, maxAgeMs } = this.#settings
    const maxAge = Math.max(1, Math.round(maxAgeMs / 1_000))
    return `${cookieName}=${this.issue(tag, now)}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  }
}
