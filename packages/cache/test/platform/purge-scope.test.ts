import { describe, expect, it } from 'vitest'
import {
  describeScope,
  invalidationOf,
  patternOf,
  purgeInputSchema,
  scopeOf,
} from '../../src/platform/purge-scope.ts'

const parse = (input: unknown) => purgeInputSchema.parse(input)

describe('what a purge addresses', () => {
  it.each([
    [
      { namespace: 'PRODUCTS' },
      'the namespace PRODUCTS',
      { kind: 'stamps', names: ['n:PRODUCTS'] },
      'PRODUCTS:*',
    ],
    [
      { namespace: 'PRODUCTS', id: 'a*b' },
      'the entry PRODUCTS:a*b',
      { kind: 'keys', keys: ['PRODUCTS:a*b'] },
      'PRODUCTS:a\\*b',
    ],
    [{ pattern: 'P*:1' }, 'keys that match P*:1', { kind: 'pattern', pattern: 'P*:1' }, 'P*:1'],
    [
      { tags: ['a', 'b'] },
      'what carries one of the tags a, b',
      { kind: 'stamps', names: ['t:a', 't:b'] },
      undefined,
    ],
    [{ url: 'https://shop.example/1' }, 'https://shop.example/1', undefined, 'http:https://shop.example/1*'],
    [
      { prefix: 'https://shop.example/a/' },
      'everything below https://shop.example/a/',
      undefined,
      'http:https://shop.example/a/*',
    ],
    [{ all: true }, 'everything', { kind: 'stamps', names: ['*'] }, '*'],
  ])('%j', (input, words, invalidation, pattern) => {
    const scope = scopeOf(parse(input))
    expect(describeScope(scope)).toBe(words)
    expect(invalidationOf(scope)).toEqual(invalidation)
    expect(patternOf(scope)).toBe(pattern)
  })

  it('is one thing at a time', () => {
    const problem = /exactly one of `namespace`, `pattern`, `tags`, `url`, `prefix`, `all`/
    expect(() => parse({})).toThrow(problem)
    expect(() => parse({ all: true, tags: ['a'] })).toThrow(problem)
    expect(() => parse({ id: '1', all: true })).toThrow(/`id` needs `namespace`/)
  })

  it('refuses what is no address, no namespace and no choice', () => {
    expect(() => parse({ url: '/products' })).toThrow(/https:\/\/shop.example/)
    expect(() => parse({ namespace: 'a b' })).toThrow(/namespace/)
    expect(() => parse({ all: false })).toThrow(/all/)
    expect(() => parse({ tags: [] })).toThrow(/tags/)
  })

  it('does something unless it is asked to look only', () => {
    expect(parse({ all: true })).toMatchObject({ preview: false, soft: false })
  })
})
