import { anything, assert, property } from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_JSON_BYTES, toJsonColumn } from '../../src/database/json-column.ts'

test('characters that PostgreSQL refuses are replaced', () => {
  expect(toJsonColumn({ name: 'a\u0000b', lone: '\ud800' })).toBe('{"name":"a\uFFFDb","lone":"\uFFFD"}')
})

test('what sounds like a secret is left out, at any depth', () => {
  expect(toJsonColumn({ a: [{ apiKey: 'x', userPassword: 'y', tokens: 3, key: 'shown' }] })).toBe(
    '{"a":[{"apiKey":"[redacted]","userPassword":"[redacted]","tokens":3,"key":"shown"}]}',
  )
})

test('whatever the value, the text is JSON without what jsonb refuses, and bounded', () => {
  assert(
    property(anything({ withNullPrototype: false, withBigInt: true }), (value) => {
      const text = toJsonColumn(value)
      if (text === null) return
      JSON.parse(text)
      expect(text).not.toMatch(/(^|[^\\])(\\\\)*\\u(0000|d[89a-f])/i)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_JSON_BYTES)
    }),
  )
})

test('a value that is too long is replaced by its size', () => {
  expect(toJsonColumn('x'.repeat(MAX_JSON_BYTES))).toBe(`{"truncated":true,"bytes":${MAX_JSON_BYTES + 2}}`)
  expect(toJsonColumn(undefined)).toBeNull()
})
