import type { Clock } from '@millrace/core'
import type { SharedTier } from '../shared/shared-tier.ts'
import type { ValueType } from '../shared/value-type.ts'
import { Signpost } from './signpost.ts'
import { StoredResponse, type StoredResponseParts } from './stored-response.ts'

const RESPONSE = 16
const SIGNPOST = 17

/** Everything of a response but its body, as JSON; times as wall clock, which processes have in common. */
type Head = Omit<StoredResponseParts, 'body'>

/** So that what one process stores is a hit in another. The body stands behind the head as it is. */
function responseType(clock: Clock): ValueType<StoredResponse> {
  return {
    code: RESPONSE,
    matches: (value) => value instanceof StoredResponse,
    encode: (response) => {
      const { status, rawHeaders, initialAgeMs, terms, validators, tags, softTags } = response
      const bornAt = clock.now() - response.ageMs(clock.monotonic())
      const head: Head = { status, rawHeaders, bornAt, initialAgeMs, terms, validators, tags, softTags }
      const text = Buffer.from(JSON.stringify(head))
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32BE(text.byteLength)
      return Buffer.concat([length, text, response.body])
    },
    decode: (bytes) => {
      const end = 4 + bytes.readUInt32BE()
      const head = JSON.parse(bytes.toString('utf8', 4, end)) as Head
      const ageMs = Math.max(0, clock.now() - head.bornAt)
      const bornAt = clock.monotonic() - ageMs
      // JSON knows no Infinity.
      const terms = { ...head.terms, lifetimeMs: head.terms.lifetimeMs ?? Infinity }
      return new StoredResponse({ ...head, terms, bornAt, body: bytes.subarray(end) })
    },
  }
}

const signpostType: ValueType<Signpost> = {
  code: SIGNPOST,
  matches: (value) => value instanceof Signpost,
  encode: ({ vary, generation }) => Buffer.from(JSON.stringify({ vary, generation })),
  decode: (bytes) => {
    const { vary, generation } = JSON.parse(bytes.toString()) as Pick<Signpost, 'vary' | 'generation'>
    return new Signpost(vary, generation)
  },
}

export function registerResponseTypes(shared: SharedTier, clock: Clock): void {
  shared.register(responseType(clock))
  shared.register(signpostType)
}
