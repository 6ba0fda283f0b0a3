import type { ComponentStatus, Health } from '@millrace/core'

/** One check of the gateway's health; none without a front. */
export function frontChecks(front: ComponentStatus | undefined): NonNullable<Health['checks']> {
  if (front === undefined) return []
  const { state, lastFailure } = front
  if (state === 'ready') return [{ name: 'front', state: 'healthy', message: 'HTTP/1.1, HTTP/2 and HTTP/3' }]
  return [{ name: 'front', state: 'failed', message: lastFailure?.reason ?? state }]
}
