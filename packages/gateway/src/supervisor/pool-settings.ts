import type { ApplicationConfig, PlatformConfig } from '@millrace/core'
import type { GatewayConfig } from '../config.ts'
import type { PoolEntry, StickySessions } from '../drivers/driver.ts'

type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> }

/** Without what is not set: optional fields of a table are absent, not undefined. */
const present = <Value extends object>(value: Value): Present<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Present<Value>

/** An application's own choice, or the gateway's. */
const stickyKind = (config: GatewayConfig, { sticky }: ApplicationConfig): 'off' | 'cookie' | 'ip' => {
  const { enabled, kind } = config.stickySessions
  return sticky ?? (enabled ? kind : 'off')
}

/**
 * Two pools with the same cookie would take each other's for forged: where several applications have sessions, its name
 * carries theirs.
 */
function cookieName(config: GatewayConfig, platform: PlatformConfig, name: string): string {
  const withCookies = Object.values(platform.applications).filter(
    (one) => stickyKind(config, one) === 'cookie',
  )
  const base = config.stickySessions.cookieName
  return withCookies.length > 1 ? `${base}-${name}` : base
}

function sticky(
  config: GatewayConfig,
  platform: PlatformConfig,
  name: string,
  secret: string,
): StickySessions | undefined {
  const kind = stickyKind(config, platform.applications[name]!)
  if (kind === 'off') return undefined
  const { maxAgeMs } = config.stickySessions
  return { kind, cookieName: cookieName(config, platform, name), maxAgeMs, secret }
}

/** Whether anybody needs what session cookies are signed with. */
export const needsSecret = (config: GatewayConfig, platform: PlatformConfig): boolean =>
  Object.values(platform.applications).some((application) => stickyKind(config, application) === 'cookie')

/** What an application's settings say about its pool. */
export function poolSettings(
  config: GatewayConfig,
  platform: PlatformConfig,
  name: string,
  secret: string,
): Partial<PoolEntry> {
  const application = platform.applications[name]
  if (application === undefined) return {}
  const { balance, breaker, outlier, instanceRateLimit, protocol, earlyHints } = application
  return present({
    protocol,
    earlyHints,
    balance,
    breaker: breaker && present(breaker),
    outlier: outlier && present(outlier),
    rateLimit: instanceRateLimit,
    sticky: sticky(config, platform, name, secret),
  }) as Partial<PoolEntry>
}
