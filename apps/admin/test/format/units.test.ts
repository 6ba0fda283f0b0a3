import { describe, expect, test } from 'vitest'
import {
  formatChange,
  formatNumber,
  formatTicks,
  formatUnit,
  unitOfAggregate,
} from '../../src/format/units.ts'

describe('numbers', () => {
  test.each([
    [0, '0'],
    [0.00123, '0.0012'],
    [0.5, '0.5'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [10, '10'],
    [100, '100'],
    [150, '150'],
    [123.6, '124'],
    [12_345.6, '12,346'],
    [-150, '-150'],
  ])('%d reads %s', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})

describe('units', () => {
  test.each([
    [0, 's', '0 ms'],
    [0.000_02, 's', '20 µs'],
    [0.0123, 's', '12.3 ms'],
    [1.5, 's', '1.5 s'],
    [600, 's', '10 min'],
    [7_200, 's', '2 h'],
    [512, 'By', '512 B'],
    [104_857_600, 'By', '100 MiB'],
    [2_048, 'By/s', '2 KiB/s'],
    [0.423, 'ratio', '42.3%'],
    [118.4, 'req/s', '118 req/s'],
    [3, '1', '3'],
    [2_500_000, '1', '2.5 M'],
    [3, '{requests}', '3 requests'],
  ])('%d of %s reads %s', (value, unit, text) => {
    expect(formatUnit(value, unit)).toBe(text)
  })

  test.each([null, undefined, Number.NaN, Infinity])('%s is a dash, not a zero', (value) => {
    expect(formatUnit(value, 's')).toBe('–')
  })

  test('ticks share the unit of the largest', () => {
    expect(formatTicks([0, 50, 100, 150], 'req/s')).toEqual(['0', '50 req/s', '100 req/s', '150 req/s'])
    expect(formatTicks([0, 0.25, 0.5], 'ratio')).toEqual(['0', '25%', '50%'])
    expect(formatTicks([], 's')).toEqual([])
  })

  test('an aggregate changes the unit', () => {
    expect(unitOfAggregate('By', 'rate', 'counter')).toBe('By/s')
    expect(unitOfAggregate('s', 'rate', 'counter')).toBe('ratio')
    expect(unitOfAggregate('s', 'rate', 'histogram')).toBe('/s')
    expect(unitOfAggregate('s', 'p95', 'histogram')).toBe('s')
  })
})

describe('change against the period before', () => {
  test.each([
    [112, 100, '+12%'],
    [96.6, 100, '−3.4%'],
    [100, 100, '±0%'],
    [5_000, 100, '×50'],
  ])('%d after %d is %s', (now, before, text) => {
    expect(formatChange(now, before)).toBe(text)
  })

  test('is not invented', () => {
    expect(formatChange(5, 0)).toBeUndefined()
    expect(formatChange(5, null)).toBeUndefined()
    expect(formatChange(undefined, 5)).toBeUndefined()
  })
})
