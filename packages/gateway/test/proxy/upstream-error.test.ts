import { expect, it } from 'vitest'
import { failureAnswer, failureReason } from '../../src/proxy/upstream-error.ts'

const failed = (code: string): Error & { code: string } => Object.assign(new Error(code), { code })

it.each([
  ['ECONNREFUSED', false, 'connect', 502],
  ['UND_ERR_CONNECT_TIMEOUT', false, 'connect', 504],
  ['ECONNRESET', true, 'reset', 502],
  ['UND_ERR_HEADERS_TIMEOUT', true, 'timeout', 504],
  ['HPE_INVALID_CONSTANT', true, 'protocol', 502],
  // Not the backend's fault, so that it does not lose its visitors for it.
  ['EMFILE', false, 'exhausted', 503],
  ['EADDRNOTAVAIL', false, 'exhausted', 503],
] as const)('%s (sent: %s) is the failure %s, answered with %d', (code, sent, reason, status) => {
  const error = failed(code)
  expect(failureReason(error, sent)).toBe(reason)
  expect(failureAnswer(reason, error).status).toBe(status)
})
