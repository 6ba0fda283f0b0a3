import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { coerceText } from '../../src/config/coerce.ts'
import { alignmentDistance, nearest } from '../../src/config/nearest.ts'

const read = (schema: z.ZodType, text: string): unknown => {
  const result = coerceText(schema, text)
  return result.ok ? result.value : `needs ${result.expected}`
}

describe('coerceText', () => {
  it('reads every number that prints itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(z.number().default(1), String(value))).toBe(Number(String(value)))
      }),
    )
  })

  it.each(['', ' ', '0x10', '1_000', '1,5', 'NaN', 'Infinity', '12px', '--1', '1e'])(
    '%j is no number',
    (text) => {
      expect(read(z.int(), text)).toBe('needs a number')
    },
  )

  it('reads words for booleans in any case, and nothing else', () => {
    for (const text of ['true', 'TRUE', '1', 'yes', 'on']) expect(read(z.boolean(), text)).toBe(true)
    for (const text of ['false', '0', 'No', 'off']) expect(read(z.boolean(), text)).toBe(false)
    expect(read(z.boolean(), 'enabled')).toBe('needs true or false')
  })

  it('returns the list of what was joined by commas', () => {
    const word = fc.stringMatching(/^[a-z0-9.:/-]+$/)
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(read(z.array(z.string()).optional(), words.join(' , '))).toEqual(words)
      }),
    )
  })

  it('reads JSON where a type needs it', () => {
    expect(read(z.record(z.string(), z.int()), '{"a":1}')).toEqual({ a: 1 })
    expect(read(z.strictObject({ a: z.int() }).prefault({ a: 1 }), '{')).toBe('needs JSON')
    expect(read(z.array(z.string()), '["a,b"]')).toEqual(['a,b'])
  })

  it('takes the first option of a union that accepts the text', () => {
    const schema = z.union([z.int().max(9), z.literal('auto'), z.array(z.string())]).default('auto')
    expect(read(schema, '4')).toBe(4)
    expect(read(schema, 'auto')).toBe('auto')
    expect(read(schema, 'x,y')).toEqual(['x', 'y'])
    expect(read(z.union([z.int(), z.literal('auto')]), 'many')).toBe('many')
    expect(read(z.union([z.literal(1), z.literal(2)]), '2')).toBe(2)
    expect(read(z.bigint(), '12')).toBe(12n)
  })
})

describe('nearest', () => {
  it('finds what was meant, and nothing when nothing is near', () => {
    const known = ['maxBytes', 'maxEntries', 'port', 'host']
    expect(nearest('maxByte', known)).toBe('maxBytes')
    expect(nearest('maxBtyes', known)).toBe('maxBytes')
    expect(nearest('maxentries', known)).toBe('maxEntries')
    expect(nearest('prot', known)).toBe('port')
    expect(nearest('compression', known)).toBeUndefined()
    expect(nearest('x', known)).toBeUndefined()
  })

  it('measures a symmetric distance that is zero for equal words only', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = alignmentDistance(a, b)
        expect(distance).toBe(alignmentDistance(b, a))
        expect(distance === 0).toBe(a === b)
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
      }),
    )
  })
})
