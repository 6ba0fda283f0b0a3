import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeGlob, matchGlob } from '../src/index.ts'

describe('matchGlob', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abd', false],
    ['a?c', 'ac', false],
    ['a?c', 'abc', true],
    ['a\\*c', 'a*c', true],
    ['a\\*c', 'abc', false],
    ['*b*b', 'abab', true],
    ['', '', true],
    ['', 'a', false],
    ['a\\', 'a', false],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(matchGlob(pattern, text)).toBe(expected)
  })

  it('agrees with a regular expression on random patterns', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const source = pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')
        expect(matchGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('matches an escaped text literally', () => {
    const texts = fc.string({ unit: fc.constantFrom('*', '?', '\\', 'a', ':') })
    expect(() => fc.assert(fc.property(texts, (text) => matchGlob(escapeGlob(text), text)))).not.toThrow()
  })

  it('does not blow up on many stars', () => {
    const started = process.cpuUsage()
    expect(matchGlob('*a'.repeat(100), 'a'.repeat(99).repeat(10).concat('b'))).toBe(false)
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000)
  })
})
