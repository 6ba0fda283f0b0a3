import { assert, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { isDeeperThan } from '../../src/http/json-body.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

test('the depth of a text is that of the value it stands for, whatever its strings contain', () => {
  assert(
    property(jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value)
      const depth = depthOf(JSON.parse(text))
      expect(isDeeperThan(text, depth)).toBe(false)
      expect(isDeeperThan(text, depth - 1)).toBe(depth > 0)
    }),
  )
})

test('brackets in texts do not count, also after escaped quotes', () => {
  expect(isDeeperThan(JSON.stringify(['[[[', '"[[[', '\\"{{{', '\\']), 1)).toBe(false)
})

test('what never closes is refused as well, at once', () => {
  expect(isDeeperThan('['.repeat(1_000_000), 64)).toBe(true)
})
