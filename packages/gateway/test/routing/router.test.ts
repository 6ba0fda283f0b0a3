import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Router, stripPrefix } from '../../src/routing/router.ts'

const segment = fc.constantFrom('a', 'b', 'ab', 'a-b', '%41', '.', '..')
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
const prefixes = fc.uniqueArray(path, { maxLength: 8 })
const query = fc.constantFrom('', '?', '?a=/b', '?/a/b')

/** The definition: a prefix matches when its segments are the path's first ones. */
const matches = (prefix: string, wanted: string): boolean => {
  const [bare = ''] = wanted.split('?')
  const own = prefix.split('/').filter((part, i, all) => i > 0 && !(part === '' && i === all.length - 1))
  const theirs = bare.split('/').slice(1)
  return own.every((part, i) => part === theirs[i])
}

describe('Router', () => {
  it('finds the longest prefix on whole segments', () => {
    fc.assert(
      fc.property(prefixes, path, query, (list, wanted, suffix) => {
        const router = new Router(
          list.map((prefix) => ({ prefix, pool: prefix })),
          (pool) => pool,
        )
        const found = router.match(wanted + suffix)?.target.replace(/\/+$/, '').length
        const candidates = list.filter((prefix) => matches(prefix, wanted + suffix))
        const lengths = candidates.map((prefix) => prefix.replace(/\/+$/, '').length)
        expect(found).toBe(lengths.length === 0 ? undefined : Math.max(...lengths))
      }),
    )
  })

  it('of ten thousand routes', () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => ({ prefix: `/r${i}`, pool: String(i) }))
    const router = new Router(entries, (pool) => pool)
    for (const i of [0, 9, 10, 999, 1_000, 9_999]) expect(router.match(`/r${i}/x?y`)?.target).toBe(String(i))
    expect(router.match('/r10000')).toBeUndefined()
  })

  it('what is left after the prefix is a path that, put behind it, is the path again', () => {
    fc.assert(
      fc.property(path, path, query, (prefix, rest, suffix) => {
        const bare = prefix === '/' ? '' : prefix
        const whole = `${bare}${rest}${suffix}`
        expect(stripPrefix(whole, bare)).toBe(`${rest}${suffix}`)
        expect(stripPrefix(`${bare}${suffix}`, bare)).toBe(`/${suffix}`)
      }),
    )
  })
})
