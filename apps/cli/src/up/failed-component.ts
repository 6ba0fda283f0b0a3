import type { ComponentStatus, MillraceError } from '@millrace/core'

/** What never ran is shown like a part that failed. */
export const failedComponent = (id: string, reason: string, at: number): ComponentStatus => ({
  id,
  kind: 'service',
  state: 'failed',
  restarts: 0,
  lastFailure: { at, reason },
})

/** Of a package that cannot be used as a capability. */
export function packageOf({ details }: MillraceError): string {
  return typeof details['name'] === 'string' ? details['name'].replace('@millrace/', '') : 'capability'
}
