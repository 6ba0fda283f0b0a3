import { defineAction, MillraceError, PROBLEM_CONTENT_TYPE } from '@millrace/core'
import { testDatabase, type TestDatabase } from '@millrace/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { controlPlane, type ControlPlane } from './fixtures/control-plane.ts'
import { capability } from './fixtures/counter-capability.ts'

/** Actions of a capability whose author took no care. */
const circle: Record<string, unknown> = { big: 1n }
circle['self'] = circle
const odd = (status: number) =>
  new MillraceError('odd', { code: 'COUNTER_ODD', status, title: 'Odd', details: circle })
const action = (run: () => Promise<unknown>) =>
  defineAction({
    title: 'Act',
    description: 'Acts.',
    effect: 'write',
    input: z.object({}),
    output: z.unknown(),
    run,
  })
const actions = {
  circle: action(async () => circle),
  details: action(() => Promise.reject(odd(409))),
  success: action(() => Promise.reject(odd(200))),
  beyond: action(() => Promise.reject(odd(700))),
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors
  nothing: action(() => Promise.reject(undefined)),
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors
  text: action(() => Promise.reject('text')),
}

let database: TestDatabase
let plane: ControlPlane
beforeAll(async () => {
  database = await testDatabase()
  plane = await controlPlane({ databaseUrl: database.url, capabilities: [{ ...capability, actions }] })
})
afterAll(async () => {
  await plane.stop()
  await database.stop()
})

test.each([
  ['circle', 500, 'INTERNAL', 'ok'],
  ['details', 409, 'COUNTER_ODD', 'failed'],
  ['success', 500, 'COUNTER_ODD', 'failed'],
  ['beyond', 500, 'COUNTER_ODD', 'failed'],
  ['nothing', 500, 'INTERNAL', 'failed'],
  ['text', 500, 'INTERNAL', 'failed'],
] as const)(
  '%s: answered with a problem document, and audited as what it was',
  async (name, status, code, outcome) => {
    const response = await plane.call('POST', `/api/counter/actions/${name}`, {})
    expect([response.statusCode, response.headers['content-type']]).toEqual([status, PROBLEM_CONTENT_TYPE])
    expect(response.json()).toMatchObject({ status, code })
    const audit = await plane.call('GET', `/api/audit?action=counter.${name}`)
    expect(audit.json()).toMatchObject({ entries: [{ action: `counter.${name}`, outcome }] })
  },
)
