import { describe, expect, test } from 'vitest'
import {
  describeType,
  fieldKind,
  initialValue,
  validate,
  type JsonSchema,
} from '../../src/forms/json-schema.ts'

const schema: JsonSchema = {
  type: 'object',
  properties: {
    pool: { type: 'string', minLength: 1, pattern: '^[a-z]+$' },
    instances: { type: 'integer', minimum: 0, maximum: 256 },
    mode: { type: 'string', enum: ['soft', 'hard'], default: 'soft' },
    dry: { type: 'boolean', default: true },
    limits: {
      type: 'object',
      properties: { cpu: { type: 'number', exclusiveMinimum: 0 } },
      required: ['cpu'],
    },
    tags: { type: 'array', items: { type: 'string' } },
    free: {},
  },
  required: ['pool', 'instances'],
}

test('every schema has an input', () => {
  const kinds = Object.fromEntries(
    Object.entries(schema.properties!).map(([name, part]) => [name, fieldKind(part)]),
  )
  expect(kinds).toEqual({
    pool: 'text',
    instances: 'number',
    mode: 'choice',
    dry: 'boolean',
    limits: 'object',
    tags: 'list',
    free: 'json',
  })
})

test('a form starts with stated defaults and invents nothing', () => {
  expect(initialValue(schema)).toEqual({ mode: 'soft', dry: true })
})

describe('validation', () => {
  const good = { pool: 'shop', instances: 2, limits: { cpu: 1 } }

  test('passes what fits', () => {
    expect(validate(good, schema)).toEqual({})
    expect(validate({ pool: 'shop', instances: 2 }, schema)).toEqual({})
  })

  test.each([
    [{ ...good, pool: undefined }, { pool: 'required' }],
    [{ ...good, pool: '' }, { pool: 'at least 1 characters' }],
    [{ ...good, pool: 'Shop' }, { pool: 'must match ^[a-z]+$' }],
    [{ ...good, instances: 1.5 }, { instances: 'must be a whole number' }],
    [{ ...good, instances: 300 }, { instances: 'at most 256' }],
    [{ ...good, instances: Number.NaN }, { instances: 'must be a number' }],
    [{ ...good, mode: 'other' }, { mode: 'one of soft, hard' }],
    [{ ...good, limits: { cpu: 0 } }, { 'limits.cpu': 'more than 0' }],
    [{ ...good, limits: {} }, { 'limits.cpu': 'required' }],
  ])('names the field of %j', (value, problems) => {
    expect(validate(value, schema)).toEqual(problems)
  })
})

test('types in words', () => {
  expect(describeType({ type: 'integer', minimum: 0, maximum: 256 })).toBe('integer, 0 to 256')
  expect(describeType({ anyOf: [{ type: 'integer', minimum: 1 }, { const: 'auto' }] })).toBe(
    'integer, at least 1 or "auto"',
  )
})
