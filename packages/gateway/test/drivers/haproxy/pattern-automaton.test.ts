import * as fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { accepts, automatonOf, type Automaton } from '../../../src/drivers/haproxy/pattern-automaton.ts'

const pattern = fc.letrec<{ alternatives: string; sequence: string; repeated: string; atom: string }>(
  (tie) => ({
    alternatives: fc.array(tie('sequence'), { minLength: 1, maxLength: 2 }).map((parts) => parts.join('|')),
    sequence: fc.array(tie('repeated'), { maxLength: 3 }).map((parts) => parts.join('')),
    repeated: fc
      .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{0,}', '*?'))
      .map((parts) => parts.join('')),
    atom: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.constantFrom(
        'a',
        'b',
        '-',
        '.',
        '[ab]',
        '[^a]',
        '[a-c0-9]',
        '[a-]',
        String.raw`\d`,
        String.raw`\W`,
        String.raw`\.`,
        String.raw`[\w-]`,
      ),
      tie('alternatives').map((inner) => `(${inner})`),
      tie('alternatives').map((inner) => `(?:${inner})`),
    ),
  }),
).alternatives

/** Undefined: too many states, which is no mistake. */
function automatonWithin(text: string): Automaton | undefined {
  try {
    return automatonOf(text)
  } catch (error) {
    if ((error as Error).message.includes('too large') || (error as Error).message.includes('more than'))
      return undefined
    throw error
  }
}

describe('automaton of a pattern', () => {
  it('matches what RE2 matches, as a whole', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '-', '.', '1', ' ', '\u00e9', 'A'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(pattern, fc.array(value, { minLength: 5, maxLength: 20 }), (text, values) => {
        const ours = automatonWithin(text)
        fc.pre(ours !== undefined)
        const theirs = RE2JS.compile(text)
        for (const each of values)
          expect([text, each, accepts(ours, Buffer.from(each, 'latin1'))]).toEqual([
            text,
            each,
            theirs.testExact(each),
          ])
      }),
      { numRuns: 200 },
    )
  })

  it('names what it does not translate', () => {
    for (const text of [
      '(?i)a',
      String.raw`\bword`,
      String.raw`\pL`,
      'ü',
      'a^b',
      '^a|b$',
      '[[:alpha:]]',
      'a{101}',
      '(?P<x>a)',
    ])
      expect(() => automatonOf(text)).toThrow(/is not translated/)
    expect(() => automatonOf('.*a.{10}')).toThrow('more than 500 states')
    expect(accepts(automatonOf('^a.*b$'), Buffer.from('a and b'))).toBe(true)
  })
})
