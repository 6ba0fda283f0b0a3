import { expect, test } from 'vitest'
import { toCsv } from '../../src/performance/csv.ts'

test('a header of the keys, CRLF, quotes doubled, null empty', () => {
  expect(
    toCsv([
      { name: 'a,b', value: 1.5, note: 'say "hi"' },
      { name: 'line\nbreak', value: null, note: '' },
    ]),
  ).toBe('name,value,note\r\n"a,b",1.5,"say ""hi"""\r\n"line\nbreak",,\r\n')
})

test('what a spreadsheet would run as a formula is a text', () => {
  for (const text of ['=1+1', '+1', '-1', '@sum', '\tx']) {
    expect(toCsv([{ cell: text }]).split('\r\n')[1]).toBe(`'${text}`)
  }
  expect(toCsv([{ cell: -1 }])).toBe('cell\r\n-1\r\n')
})

test('no rows, no header', () => {
  expect(toCsv([])).toBe('')
})
