import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orderByDependency } from '../../src/index.ts'

describe('orderByDependency', () => {
  it('keeps the given order where nothing depends on anything', () => {
    const list = [{ name: 'c' }, { name: 'a' }, { name: 'b' }]
    expect(orderByDependency(list)).toEqual(list)
  })

  it('names the circle', () => {
    const list = [
      { name: 'z', dependsOn: ['a'] },
      { name: 'a', dependsOn: ['b'] },
      { name: 'b', dependsOn: ['a'] },
    ]
    expect(() => orderByDependency(list)).toThrow('a → b → a')
  })

  it('puts each item after its dependencies, and ignores missing ones', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(40), { maxLength: 4 }), { maxLength: 25 }), (edges) => {
        // Only edges to smaller numbers: acyclic. Shuffled by reversing, so that order has work to do.
        const list = edges
          .map((to, i) => ({
            name: `n${i}`,
            dependsOn: to.map((n) => (n < i ? `n${n}` : `missing${n}`)),
          }))
          .toReversed()
        const ordered = orderByDependency(list)
        expect(ordered.map(({ name }) => name).toSorted()).toEqual(list.map(({ name }) => name).toSorted())
        const place = new Map(ordered.map(({ name }, i) => [name, i]))
        const late = ordered.filter(({ name, dependsOn }) =>
          dependsOn.some((other) => (place.get(other) ?? -1) > place.get(name)!),
        )
        expect(late).toEqual([])
      }),
    )
  })
})
