import { randomBytes } from 'node:crypto'
import { silentLogger } from '@millrace/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Compression } from '../../src/options.ts'
import { Compressor } from '../../src/shared/compression.ts'
import { decodeEnvelope, encodeEnvelope, type EnvelopeCodec } from '../../src/shared/envelope.ts'
import { ValueTypes } from '../../src/shared/values.ts'

const codecOf = (compression: Compression = 'lz4'): EnvelopeCodec => ({
  types: new ValueTypes(),
  compressor: new Compressor({ compression, compressAboveBytes: 1_024, logger: silentLogger }),
  maxBytes: 1_048_576,
})
const times = { createdAt: 1_000, freshUntil: 2_000, staleUntil: 3_000, loadMs: 12 }
const codecs: Compression[] = ['lz4', 'snappy', 'off']

describe('envelope', () => {
  it.each(codecs)('brings back any value with its tags and times: %s', (compression) => {
    const codec = codecOf(compression)
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withNullPrototype: false }), fc.array(fc.string({ maxLength: 60 }), { maxLength: 8 }), (value, tags) => {
        const bytes = encodeEnvelope({ value, tags, ...times }, codec)!
        expect(decodeEnvelope(bytes, codec)).toStrictEqual({ value, tags: tags.map((tag) => tag.toWellFormed()), ...times })
      }),
    ) // prettier-ignore
  })

  it.each(codecs)('keeps what is large smaller, unless it saves less than a tenth: %s', (compression) => {
    const codec = codecOf(compression)
    const bytesOf = (value: unknown, compress?: boolean): number =>
      encodeEnvelope({ value, tags: [], ...times }, codec, compress)!.length
    const text = 'a sentence that repeats itself. '.repeat(200)
    const noise = randomBytes(6_400)
    expect(bytesOf(text) < 2_000).toBe(compression !== 'off')
    expect(bytesOf(text, false)).toBe(40 + text.length)
    expect(bytesOf(noise)).toBe(40 + noise.length)
    expect(bytesOf('a'.repeat(1_024))).toBe(40 + 1_024)
  })

  it('is read by a process with another choice of compression', () => {
    const value = { text: 'again and '.repeat(1_000) }
    for (const writer of codecs) {
      const bytes = encodeEnvelope({ value, tags: ['t'], ...times }, codecOf(writer))!
      for (const reader of codecs) expect(decodeEnvelope(bytes, codecOf(reader))?.value).toEqual(value)
    }
  })

  it('does not grow with how often a part stands in a value', () => {
    let value: unknown = ['leaf']
    for (let level = 0; level < 30; level++) value = [value, value]
    const codec = codecOf('off')
    const bytes = encodeEnvelope({ value, tags: [], ...times }, codec)!
    expect(bytes.length).toBeLessThan(1_000)
    let part = decodeEnvelope(bytes, codec)!.value as unknown[]
    for (let level = 0; level < 30; level++) part = part[1] as unknown[]
    expect(part).toEqual(['leaf'])
  })

  it('is for ever, if it is to be', () => {
    const endless = { ...times, freshUntil: Infinity, staleUntil: Infinity }
    const bytes = encodeEnvelope({ value: 1, tags: [], ...endless }, codecOf())!
    expect(decodeEnvelope(bytes, codecOf())).toMatchObject(endless)
  })

  it('takes any bytes for garbage without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeEnvelope(Buffer.from(bytes), codecOf())).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('notices every changed byte and every cut', () => {
    for (const compression of codecs) {
      const codec = codecOf(compression)
      const whole = encodeEnvelope({ value: { text: 'abc '.repeat(500) }, tags: ['t'], ...times }, codec)!
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const changed = Buffer.from(whole)
          changed[at]! ^= change
          expect(decodeEnvelope(changed, codec)).toBeUndefined()
          expect(decodeEnvelope(whole.subarray(0, at), codec)).toBeUndefined()
        }),
        { numRuns: 500 },
      )
    }
  })

  it('believes no length that a compressed value claims', () => {
    const { compressor } = codecOf()
    const claims = Buffer.from([0xff, 0xff, 0xff, 0x7f, 1, 2, 3])
    expect(() => compressor.decompress(1, claims, 100)).toThrow('compressed for')
    expect(() => compressor.decompress(2, claims, 100)).toThrow('compressed for')
    expect(() => compressor.decompress(2, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 1]), 100)).toThrow(
      'no length',
    )
    expect(() => compressor.decompress(9, claims, 100)).toThrow('unknown compression')
  })

  it('refuses what is larger than a record may be', () => {
    const codec = { ...codecOf('off'), maxBytes: 1_000 }
    expect(encodeEnvelope({ value: 'x'.repeat(961), tags: [], ...times }, codec)).toBeUndefined()
    expect(encodeEnvelope({ value: 'x'.repeat(960), tags: [], ...times }, codec)).toHaveLength(1_000)
  })

  it('carries values of classes that are registered, and knows no others', () => {
    class Point {
      readonly x: number
      constructor(x: number) {
        this.x = x
      }
    }
    const codec = codecOf()
    codec.types.register({
      code: 16,
      matches: (value) => value instanceof Point,
      encode: (value) => Buffer.from([(value as Point).x]),
      decode: (bytes) => new Point(bytes.readUInt8(0)),
    })
    const bytes = encodeEnvelope({ value: new Point(7), tags: [], ...times }, codec)!
    expect(decodeEnvelope(bytes, codec)?.value).toStrictEqual(new Point(7))
    expect(decodeEnvelope(bytes, codecOf())).toBeUndefined()
    const type = {
      code: 3,
      matches: (_value: unknown): _value is never => false,
      encode: () => bytes,
      decode: () => 1,
    }
    expect(() => codec.types.register(type)).toThrow('16 to 255')
  })

  it('brings back no bare object that was an instance of a class', () => {
    class Price {
      readonly cents = 5
    }
    const codec = codecOf()
    const values = [
      new Price(),
      { of: [new Map([['a', new Price()]])] },
      new URL('http://a/'),
      new Blob(['a']),
    ]
    for (const value of values) {
      expect(() => encodeEnvelope({ value, tags: [], ...times }, codec)).toThrow('is no plain data')
    }
    const cycle: Record<string, unknown> = {
      at: new Date(5),
      error: new TypeError('e'),
      bytes: new Uint8Array(2),
    }
    cycle.self = cycle
    const bytes = encodeEnvelope({ value: cycle, tags: [], ...times }, codec)!
    expect(decodeEnvelope(bytes, codec)?.value).toStrictEqual(cycle)
  })
})
