import { defineCapability } from '@millrace/core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createConfigTree } from '../../src/settings/config-tree.ts'
import { flattenChanges } from '../../src/settings/live-settings.ts'

const capability = defineCapability({
  name: 'mill',
  title: 'Mill',
  summary: 'Grinds.',
  config: z
    .object({
      min: z.int().min(1).default(1).meta({ live: true }),
      max: z.int().default(10).meta({ live: true }),
      fixed: z.string().default('stone'),
      wheel: z.object({ speed: z.number().default(1).meta({ live: true }) }).prefault({}),
      weights: z.record(z.string(), z.number()).default({}).meta({ live: true }),
    })
    .refine(({ min, max }) => min <= max, { message: 'min must not exceed max' }),
  metrics: {},
  actions: {},
  create: async () => ({}),
  health: async () => ({ state: 'healthy' as const, message: 'turns' }),
  dispose: async () => undefined,
})

const tree = (config: Record<string, unknown> = {}) =>
  createConfigTree({
    sections: [capability],
    config: { mill: config },
    origins: { 'mill.max': 'file', 'other.x': 'file' },
  })

test('flat paths and nested objects are the same change', () => {
  const { live } = tree()
  const flat = flattenChanges({ 'mill.wheel.speed': 2, 'mill.max': 3 }, live)
  const nested = flattenChanges({ mill: { wheel: { speed: 2 }, max: 3 } }, live)
  expect(nested.changes).toEqual(flat.changes)
  expect(nested.unknown).toEqual([])
})

test('a setting whose value is an object stays whole', () => {
  const { live } = tree()
  expect([...flattenChanges({ mill: { weights: { a: 1, b: 2 } } }, live).changes]).toEqual([
    ['mill.weights', { a: 1, b: 2 }],
  ])
})

test('what is unknown or may not change is named', () => {
  const { live } = tree()
  const { unknown } = flattenChanges(
    { 'mill.fixed': 'x', mill: { wheel: { colour: 'red' } }, nope: { a: 1 }, __proto__: 1 },
    live,
  )
  expect(unknown).toEqual(['mill.fixed', 'mill.wheel.colour', 'nope'])
})

test('a running capability sees the new value in the object it was given', () => {
  const config = tree({ max: 20 })
  const given = config.validated('mill')
  const change = new Map<string, unknown>([['mill.wheel.speed', 3]])
  expect(config.problems(change)).toEqual([])
  config.apply(change)
  expect(given).toMatchObject({ max: 20, wheel: { speed: 3 } })
  expect(config.originsOf('mill')).toEqual({ 'mill.max': 'file', 'mill.wheel.speed': 'settings' })
})

test('null takes a stored setting back to what was configured', () => {
  const config = tree({ max: 20 })
  config.apply(new Map([['mill.max', 30]]))
  expect(config.of('mill')['max']).toBe(30)
  config.apply(new Map([['mill.max', null]]))
  expect(config.of('mill')['max']).toBe(20)
  expect(config.isStored('mill.max')).toBe(false)
})

test('values are checked one by one and together, with what is stored already', () => {
  const config = tree()
  expect(config.problems(new Map([['mill.min', 'two']]))[0]).toContain('mill.min')
  expect(config.problems(new Map([['mill.min', 20]]))).toEqual(['mill: min must not exceed max'])
  config.apply(new Map([['mill.max', 30]]))
  expect(config.problems(new Map([['mill.min', 20]]))).toEqual([])
  // Taking back the maximum would leave a minimum above it.
  config.apply(new Map([['mill.min', 20]]))
  expect(config.problems(new Map([['mill.max', null]]))).toEqual(['mill: min must not exceed max'])
})

test('a configuration that does not fit is refused when the capability asks for it, not before', () => {
  const config = tree({ max: 'many' })
  expect(config.of('mill')).toEqual({ max: 'many' })
  expect(() => config.validated('mill')).toThrow(/mill\.max/)
})
