import { randomBytes } from 'node:crypto'
import { request, type Dispatcher } from 'undici'
import type { RegionPeer } from './config.ts'
import { regionReport, type RegionReport } from './model.ts'
import { bodyDigest, REGION_HEADER, REGION_PATH, sign, verify } from './signature.ts'

const BODY_BYTES = 262_144

/** Who asks. */
export interface Asking {
  self: string
  secret: string
  timeoutMs: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/**
 * Asks a peer what it can take. The answer must be signed with the same secret, over what was asked. Rejects with what is wrong, in
 * words for people.
 */
export async function askRegion(
  { self, secret, timeoutMs, now }: Asking,
  peer: RegionPeer,
  dispatcher: Dispatcher,
  outer: AbortSignal,
): Promise<RegionReport> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([timeout, outer])
  const nonce = randomBytes(12).toString('base64url')
  const asked = sign(secret, 'health', { from: self, to: peer.name, t: String(now()), n: nonce })
  try {
    const { statusCode, headers, body } = await request(`${new URL(peer.url).origin}${REGION_PATH}`, {
      dispatcher,
      signal,
      headers: { accept: 'application/json', 'user-agent': 'millrace-gateway', [REGION_HEADER]: asked },
    })
    const text = await limited(body)
    const signature = headers[REGION_HEADER]
    const fields = typeof signature === 'string' ? verify(secret, 'answer', signature) : undefined
    if (fields?.n !== nonce || fields.b !== bodyDigest(text))
      throw new Error(`${unproven(peer, statusCode)}${skewOf(headers.date, now())}`)
    return regionReport.parse(JSON.parse(text))
  } catch (error) {
    if (timeout.aborted) throw new Error(`no answer within ${timeoutMs} ms`, { cause: error })
    throw error
  }
}

const unproven = ({ name }: RegionPeer, status: number): string =>
  `its answer (${status}) is not signed as the region '${name}': it has another name or secret, its clock is another, or this region is no peer of it`

/** What its `Date` says of its clock, where that may be the reason. */
function skewOf(date: string | string[] | undefined, now: number): string {
  const skew = Math.round((Date.parse(String(date)) - now) / 1_000)
  return Number.isFinite(skew) && Math.abs(skew) >= 2 ? `; its clock differs by ${skew} s` : ''
}

async function limited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > BODY_BYTES) throw new Error(`it answered with more than ${BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
