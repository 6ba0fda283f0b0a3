import { describe, expect, test } from 'vitest'
import { formatSort, parseSort, sortRows } from '../../src/format/sort.ts'

const FALLBACK = { column: 'share', descending: true }

describe('sorting', () => {
  const rows = [
    { name: 'b', value: 2 },
    { name: 'a', value: null },
    { name: 'c', value: 10 },
    { name: 'd', value: 2 },
  ]

  test('puts missing values last in both directions and is stable', () => {
    const names = (descending: boolean) =>
      sortRows(rows, ({ value }) => value, descending).map(({ name }) => name)
    expect(names(true)).toEqual(['c', 'b', 'd', 'a'])
    expect(names(false)).toEqual(['b', 'd', 'c', 'a'])
  })

  test('reads numbers inside names and leaves its input alone', () => {
    const ids = ['shop/10', 'shop/2', 'shop/1']
    expect(sortRows(ids, (id) => id, false)).toEqual(['shop/1', 'shop/2', 'shop/10'])
    expect(ids[0]).toBe('shop/10')
  })
})

describe('the sort in the URL', () => {
  test('is read, written, and falls back on what is no column', () => {
    expect(parseSort('-p95', FALLBACK, ['p95'])).toEqual({ column: 'p95', descending: true })
    expect(parseSort('p95', FALLBACK, ['p95'])).toEqual({ column: 'p95', descending: false })
    expect(parseSort('constructor', FALLBACK, ['p95'])).toBe(FALLBACK)
    expect(parseSort(null, FALLBACK, ['p95'])).toBe(FALLBACK)
    expect(formatSort(FALLBACK)).toBe('-share')
  })
})
