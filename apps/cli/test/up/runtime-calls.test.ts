import { defineErrors } from '@millrace/core'
import { expect, test } from 'vitest'
import { answerCall } from '../../src/up/runtime-calls.ts'

const errors = defineErrors('GATEWAY', {
  LACKS: { status: 501, title: 'Not a feature', message: (d: { what: string }) => d.what, expose: true },
})

test('an error that callers may read stays one on its way to the control plane', async () => {
  const answer = await answerCall(1, () => Promise.reject(errors.LACKS({ what: 'no way of it' })))
  expect(answer).toMatchObject({ ok: false, error: { code: 'GATEWAY_LACKS', status: 501, expose: true } })
  const other = await answerCall(2, () => Promise.reject(new Error('secret')))
  expect(other).toMatchObject({ ok: false, error: { code: 'INTERNAL', status: 500, expose: false } })
})
