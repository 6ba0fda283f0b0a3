import type { GatewayConfig } from '../config.ts'
import type { GatewayTable, PoolEntry } from '../drivers/driver.ts'
import type { HealthSettings } from '../health/health-settings.ts'
import type { ExportSource } from './model.ts'

/** What cookies are signed with stays where it is. */
const withoutSecret = (pool: PoolEntry): PoolEntry =>
  pool.sticky === undefined ? pool : { ...pool, sticky: { ...pool.sticky, secret: '' } }

/** The table that is in force, and how its pools are checked, without any secret: commands and headers of checks stay as well. */
export function exportSource(
  { routes, pools }: GatewayTable,
  healthOf: (pool: string) => HealthSettings,
  { health }: Pick<GatewayConfig, 'health'>,
): ExportSource {
  const checks = pools.map(({ name }): [string, HealthSettings] => {
    const { headers, command, cwd: _cwd, ...settings } = healthOf(name)
    return [
      name,
      {
        ...settings,
        ...(command === undefined ? {} : { kind: 'script' as const }),
        headers: Object.fromEntries(Object.keys(headers ?? {}).map((header) => [header, ''])),
      },
    ]
  })
  return {
    table: { routes, pools: pools.map(withoutSecret) },
    health: health.enabled ? Object.fromEntries(checks) : {},
  }
}
