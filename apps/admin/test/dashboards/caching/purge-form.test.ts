import { expect, test } from 'vitest'
import {
  isScope,
  purgeInput,
  purgeProblem,
  type PurgeForm,
} from '../../../src/dashboards/performance/caching/purge-form.ts'

const form = (part: Partial<PurgeForm>): PurgeForm => ({
  scope: 'namespace',
  value: '',
  id: '',
  keyspace: '',
  soft: false,
  ...part,
})

test.each([
  [form({ value: ' PRODUCTS ' }), { preview: true, namespace: 'PRODUCTS' }],
  [form({ value: 'P', keyspace: 'shop' }), { preview: true, namespace: 'P', keyspace: 'shop' }],
  [form({ scope: 'key', value: 'P', id: ' 1 ' }), { preview: true, namespace: 'P', id: '1' }],
  [form({ scope: 'tags', value: 'a, b,,' }), { preview: true, tags: ['a', 'b'] }],
  [form({ scope: 'pattern', value: 'P:*' }), { preview: true, pattern: 'P:*' }],
  [form({ scope: 'all', value: 'left over', soft: true }), { preview: true, all: true, soft: true }],
])('%j is sent as %j', (given, input) => {
  expect(purgeInput(given, true)).toEqual(input)
})

test('addresses have no keyspace, and entries are never only marked as stale', () => {
  const address = form({ scope: 'url', value: 'https://shop.example/1', keyspace: 'shop', soft: true })
  expect(purgeInput(address, false)).toEqual({ preview: false, url: 'https://shop.example/1', soft: true })
  expect(purgeInput(form({ value: 'P', soft: true }), false)).toEqual({ preview: false, namespace: 'P' })
})

test('what is missing is named before anything is sent', () => {
  expect(purgeProblem(form({}))).toBe('Name a namespace.')
  expect(purgeProblem(form({ scope: 'key', value: 'P' }))).toBe('Name its identifier.')
  expect(purgeProblem(form({ scope: 'tags' }))).toBe('Name at least one tag.')
  expect(purgeProblem(form({ scope: 'prefix', value: '/images/' }))).toContain('https://')
  expect(purgeProblem(form({ scope: 'prefix', value: 'https://shop.example/images/' }))).toBeUndefined()
  expect(purgeProblem(form({ scope: 'all' }))).toBeUndefined()
})

test('a scope of the address is one of the known ones', () => {
  expect(isScope('tags')).toBe(true)
  expect(isScope('toString')).toBe(false)
})
