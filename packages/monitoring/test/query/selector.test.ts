import { describe, expect, it } from 'vitest'
import { createSelector, groupOf } from '../../src/query/selector.ts'

describe('createSelector', () => {
  it.each([
    [{}, true],
    [{ status: '503' }, true],
    [{ status: '!503' }, false],
    [{ status: '~^5' }, true],
    [{ status: '!~^5' }, false],
    [{ status: '~^5', pool: '!web' }, false],
    [{ absent: '' }, true],
    [{ absent: '!x' }, true],
    [{ absent: 'x' }, false],
  ])('%j', (where, expected) => expect(createSelector(where)({ status: '503', pool: 'web' })).toBe(expected))

  it.each(['(', '(a+)+$', '(a|a*)*', '(.*)\\1', 'x'.repeat(201)])('refuses the pattern %s', (pattern) => {
    expect(() => createSelector({ a: `~${pattern}` })).toThrow(
      expect.objectContaining({ code: 'MONITORING_PATTERN_INVALID' }),
    )
  })
})

describe('groupOf', () => {
  it('keeps the named labels and merges over the others', () => {
    expect(groupOf({ a: '1', b: '2' }, ['a', 'c'])).toEqual({ key: '1\u0000', labels: { a: '1' } })
    expect(groupOf({ a: '1' })).toEqual({ key: '', labels: {} })
  })
})
