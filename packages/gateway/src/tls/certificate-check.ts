import type { Health } from '@millrace/core'
import type { CertificateStats } from '../drivers/driver.ts'

/** The log and the health check warn when a certificate has fewer days than this left. */
export const FEW_DAYS = 14

type Check = NonNullable<Health['checks']>[number]

/** What the gateway's health says of a certificate. */
export const certificateCheck = ({
  certificate,
  names,
  daysLeft,
}: Pick<CertificateStats, 'certificate' | 'names' | 'daysLeft'>): Check => ({
  name: `certificate ${names[0] ?? certificate}`,
  state: daysLeft < FEW_DAYS ? 'degraded' : 'healthy',
  message: daysLeft < 0 ? `${certificate} has expired` : `${certificate}: ${daysLeft} days left`,
})

/** In a sentence, what is degraded of a gateway that runs. */
export function degradedMessage(checks: readonly Check[]): string {
  const degraded = checks.filter(({ state }) => state !== 'healthy')
  const only = (kind: string): boolean => degraded.every(({ name }) => name.startsWith(kind))
  if (only('certificate ')) return 'A certificate expires soon, or has expired.'
  return only('region ') ? 'A region does not answer.' : 'Some workers or backends are down.'
}
