import { expect, test } from 'vitest'
import { z } from 'zod'
import { problemOf } from '../../src/capability/shape.ts'

const withAction = (action: object): object => ({
  name: 'counter',
  title: 'Counter',
  summary: 'Counts.',
  config: z.object({}),
  metrics: {},
  actions: {
    add: { effect: 'read', input: z.object({}), output: z.object({}), run: async () => ({}), ...action },
  },
  create: async () => ({}),
  health: async () => ({ state: 'healthy', message: '' }),
  dispose: async () => undefined,
})

test('what anybody may call cannot change anything', () => {
  expect(problemOf(withAction({ anonymous: true }))).toBeUndefined()
  for (const effect of ['write', 'destructive']) {
    expect(problemOf(withAction({ effect }))).toBeUndefined()
    expect(problemOf(withAction({ effect, anonymous: true }))).toBe(
      "action 'add' changes something and cannot be anonymous",
    )
  }
})
