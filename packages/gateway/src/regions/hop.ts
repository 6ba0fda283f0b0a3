import type { RequestHeaders } from '../proxy/request-headers.ts'
import type { Fields } from './signature.ts'

/** What a region that forwarded a request says of its visitor, after its signature was checked. */
export class Hop {
  readonly from: string
  readonly client: string
  readonly scheme: string
  readonly host: string | undefined
  /** As that region knows it. */
  readonly country: string | undefined

  constructor({ from, c, p, h, k }: Fields) {
    this.from = from!
    this.client = c ?? 'unknown'
    this.scheme = p === 'https' ? 'https' : 'http'
    this.host = h
    this.country = k
  }

  /** The visitor instead of the gateway between. */
  applyTo(headers: RequestHeaders): void {
    const { raw } = headers
    headers.forwarded = true
    headers.forwardedFor = this.client
    headers.scheme = this.scheme
    for (let i = 0; i < raw.length; i += 2) {
      if (raw[i] === 'x-forwarded-for') raw[i + 1] = `${this.client}, ${raw[i + 1]}`
      else if (raw[i] === 'x-forwarded-proto') raw[i + 1] = this.scheme
      else if (raw[i] === 'x-forwarded-host' && this.host !== undefined) raw[i + 1] = this.host
    }
  }
}
