import { expect, test } from 'vitest'
import { csvFileName, toCsv } from '../../src/format/csv.ts'

test('records end in CRLF and cells are quoted where they must be', () => {
  expect(
    toCsv(
      ['time', 'p95 (s)'],
      [
        ['2026-11-20T12:00:00Z', 0.5],
        ['a "b", c', null],
      ],
    ),
  ).toBe('time,p95 (s)\r\n2026-11-20T12:00:00Z,0.5\r\n"a ""b"", c",\r\n')
})

test('text that a spreadsheet would run is made text, negative numbers stay numbers', () => {
  expect(toCsv(['x'], [['=1+1'], ['@cmd'], [-3], ['-3']])).toBe("x\r\n'=1+1\r\n'@cmd\r\n-3\r\n'-3\r\n")
})

test('a file name holds nothing but letters, digits and hyphens', () => {
  expect(csvFileName('GET /products/:id', 0)).toBe('get-products-id_1970-01-01_00-00-00.csv')
  expect(csvFileName('…', 0)).toBe('data_1970-01-01_00-00-00.csv')
})
