import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Keyspace, keyspaceName } from '../../src/drivers/redis/keyspace.ts'
import { decodeEntry, encodeInvalidation } from '../../src/drivers/redis/notice.ts'
import {
  decodeRecord,
  encodeRecord,
  parseVersion,
  versionDigits,
  wholeTtl,
} from '../../src/drivers/redis/record.ts'
import { matchGlob } from '../../src/glob.ts'

const versions = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

describe('records', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(versions, fc.uint8Array({ minLength: 1 }), (version, bytes) => {
        const payload = Buffer.from(bytes)
        expect(decodeRecord(encodeRecord({ version, payload }))).toEqual({ version, payload })
      }),
    )
  })

  it('sort by version as text, which is how Lua may compare them', () => {
    fc.assert(
      fc.property(versions, versions, (a, b) => {
        expect(versionDigits(a) < versionDigits(b)).toBe(a < b)
      }),
    )
  })

  it('that are none are undefined, whatever they are', () => {
    expect(decodeRecord(null)).toBeUndefined()
    expect(decodeRecord(Buffer.from(versionDigits(5)))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const found = decodeRecord(Buffer.from(bytes))
        expect(found === undefined || /^\d{16}$/.test(Buffer.from(bytes).toString('latin1', 0, 16))).toBe(
          true,
        )
      }),
    )
  })

  it.each([
    [0.2, 1],
    [1_500.5, 1_501],
    [Infinity, 315_360_000_000],
  ])('live for %d ms: %d', (given, whole) => {
    expect(wholeTtl(given)).toBe(whole)
  })
})

describe('versions', () => {
  it('are read as Redis writes them, and nothing else is', () => {
    expect(parseVersion('1763659262123456')).toBe(1_763_659_262_123_456)
    expect(parseVersion('1.763659262123456e+15')).toBe(1_763_659_262_123_456)
    for (const reply of ['', 'OK', '-1', '1.5', 'inf', 1, null, undefined, []]) {
      expect(() => (reply === '' ? parseVersion('x') : parseVersion(reply))).toThrow('nobody asked')
    }
  })
})

describe('notices', () => {
  it('come back as they were', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    const what = fc.oneof(
      fc.record({ kind: fc.constant('keys' as const), keys: fc.array(text) }),
      fc.record({ kind: fc.constant('stamps' as const), names: fc.array(text) }),
      fc.record({ kind: fc.constant('pattern' as const), pattern: text }),
    )
    fc.assert(
      fc.property(what, versions, text, (invalidation, version, origin) => {
        const fields = ['p', '17', 'o', origin, 'w', encodeInvalidation(invalidation)]
        const decoded = decodeEntry([`${version}-0`, fields])
        expect(decoded).toEqual({ previous: 17, version, notice: { version, origin, what: invalidation } })
      }),
    )
  })

  it('that cannot be read are none, and never an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (fields) => {
        expect(decodeEntry(['5-0', fields]).version).toBe(5)
      }),
    )
    for (const w of ['', '{', '[]', 'null', '{"kind":"keys"}', '{"kind":"keys","keys":[1]}']) {
      expect(decodeEntry(['5-0', ['p', '4', 'o', 'x', 'w', w]]).notice).toBeUndefined()
    }
  })
})

describe('the pattern for SCAN', () => {
  const keyspace = new Keyspace('shop')

  it('lets through all that ours matches', () => {
    const part = fc.constantFrom('a', 'ä', '😀', '*', '?', '\\', '[', ']', '^', '-', 'N:')
    const texts = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, texts, (pattern, key) => {
        fc.pre(matchGlob(pattern, key))
        expect(redisMatch(keyspace.scanPattern(pattern), keyspace.record(key))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('begins with the keyspace, whose names come back', () => {
    expect(keyspace.scanPattern('N:[a]?*')).toBe('millrace:shop:N:\\[a\\]?**')
    expect(keyspace.keyOf(keyspace.record('N:a'))).toBe('N:a')
    expect(keyspaceName(keyspace.stamps)).toBe('shop')
    expect(keyspaceName('{millrace:a b}:stamps')).toBeUndefined()
    // One slot, by the hash tag.
    for (const key of [keyspace.stamps, keyspace.log]) expect(key).toMatch(/^\{millrace:shop\}/)
  })
})

/** The matching of Redis over bytes, for what occurs in these patterns: `*`, `?` and `\`. */
function redisMatch(pattern: string, text: string): boolean {
  const source = Buffer.from(pattern)
    .toString('latin1')
    .replaceAll(/\\([^])|([*?])|([^])/g, (_, quoted?: string, special?: string, plain?: string) =>
      special === undefined ? escape(quoted ?? plain!) : special === '*' ? '[^]*' : '[^]',
    )
  return new RegExp(`^${source}$`).test(Buffer.from(text).toString('latin1'))
}

const escape = (text: string): string =>
  text.replaceAll(/[^\w]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
