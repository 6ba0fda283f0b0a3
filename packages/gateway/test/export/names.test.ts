import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { dnsLabel, logicalId, targetGroupName } from '../../src/export/names.ts'
import { encodeName, headerVariable, literal, wholeValue } from '../../src/export/nginx/quote.ts'

const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('a', 'A', '-', '_', '/', '0', '.', ' '), maxLength: 80 }),
)

it('names are what the other system takes, and different names stay different', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(dnsLabel(one)).toMatch(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
      expect(targetGroupName(one)).toMatch(/^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/)
      expect(logicalId('Pool', one)).toMatch(/^[A-Za-z0-9]{1,255}$/)
      expect(encodeName(one)).toMatch(/^[a-z0-9._-]*$/)
      if (Buffer.from(one).equals(Buffer.from(other))) return
      for (const make of [dnsLabel, targetGroupName, encodeName, (text: string) => logicalId('Pool', text)])
        expect(make(one)).not.toBe(make(other))
    }),
    { numRuns: 2_000 },
  )
})

it('a name that looks as if it had a hash cannot be another’s', () => {
  const odd = dnsLabel('Shop', '')
  expect(odd).toMatch(/^shop-[\da-f]{8}$/)
  expect(dnsLabel(odd, '')).not.toBe(odd)
})

it('text as an expression matches itself and nothing else', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(text, text, (one, other) => {
      const expression = literal(one)!
      expect(expression).toMatch(/^[\w/\\-]*$/)
      expect(new RegExp(`^${expression}$`).test(one)).toBe(true)
      expect(new RegExp(`^${expression}$`).test(other)).toBe(one === other)
    }),
  )
  expect(literal('…')).toBeUndefined()
})

it.each([
  ['(?P<uri>a)(b)', String.raw`^(?:(?:a)(?:b))\z`],
  ['[^]a[]', String.raw`^(?:[^\]a\[])\z`],
  ['[[:alpha:]\\]]', String.raw`^(?:[[:alpha:]\]])\z`],
  [String.raw`\Q";}\E$`, String.raw`^(?:\x22\x3b\x7d$)\z`],
  ['é\\x{e9}', String.raw`^(?:\xe9\xe9)\z`],
  ['(?i)a', String.raw`^(?:(?i)a)\z`],
  ['…', undefined],
])('the pattern %s is %s to PCRE', (re2, expected) => {
  expect(wholeValue(re2)).toBe(expected)
})

it('names of headers that NGINX has no variable for are known', () => {
  expect(headerVariable('X-Beta')).toBe('$http_x_beta')
  for (const odd of ['x_beta', 'x$uri', 'x!y', '']) expect(headerVariable(odd)).toBeUndefined()
})
