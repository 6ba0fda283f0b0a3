import { expect, test } from 'vitest'
import { z } from 'zod'
import { queryInput } from '../../src/optimization/query-input.ts'

const schema = z.object({
  src: z.string(),
  width: z.int().optional(),
  flag: z.boolean().default(false),
  formats: z.array(z.string()).optional(),
  sizes: z.array(z.int()).optional(),
})

test('each parameter is read as the type its schema has', () => {
  expect(
    queryInput(schema, { src: '42', width: '800', flag: 'true', formats: 'webp,avif', sizes: ['1', '2'] }),
  ).toEqual({
    src: '42',
    width: 800,
    flag: true,
    formats: ['webp', 'avif'],
    sizes: ['1', '2'],
  })
})

test('what cannot be read names the parameter and what is accepted', () => {
  expect(() => queryInput(schema, { width: 'wide', flag: 'perhaps' })).toThrow(
    /width: must be a number; flag: must be true or false/,
  )
})

test('unknown names are left to the schema', () => {
  expect(queryInput(schema, { src: 'x', other: '1' })).toEqual({ src: 'x', other: '1' })
})
