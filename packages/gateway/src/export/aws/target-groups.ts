import { isIP } from 'node:net'
import type { PoolEntry } from '../../drivers/driver.ts'
import { kindOf, type HealthSettings } from '../../health/health-settings.ts'
import type { ExportInput, Omissions } from '../model.ts'
import { targetGroupName } from '../names.ts'

const bounded = (value: number, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)))

export interface TargetGroup {
  pool: string
  input: {
    Name: string
    Protocol: string
    Port: number
    ProtocolVersion: string
    TargetType: string
    VpcId: string
    IpAddressType: string
    HealthCheckEnabled: boolean
    HealthCheckProtocol: string
    HealthCheckPath: string
    HealthCheckPort: string
    HealthCheckIntervalSeconds: number
    HealthCheckTimeoutSeconds: number
    HealthyThresholdCount: number
    UnhealthyThresholdCount: number
    Matcher: { HttpCode: string }
  }
  attributes: { Key: string; Value: string }[]
  targets: { Id: string; Port: number }[]
}

/** In the place of what only the account knows; replaced before use. */
export const VPC = 'REPLACE_VPC_ID'

/** Statuses that AWS takes are 200–499. Default: what ours takes as healthy, which is all below 500. */
function matcher({ expectedStatuses }: HealthSettings): string {
  const taken = (expectedStatuses ?? ['200-499']).flatMap((status) => {
    const [from = 0, to = from] = String(status).split('-').map(Number)
    const [first, last] = [Math.max(200, from), Math.min(499, to)]
    return first > last ? [] : [first === last ? String(first) : `${first}-${last}`]
  })
  return taken.length === 0 ? '200-499' : taken.join(',')
}

function healthCheck(pool: PoolEntry, settings: HealthSettings | undefined, omissions: Omissions) {
  const where = `pool '${pool.name}'`
  const {
    path = '/',
    intervalMs = 10_000,
    timeoutMs = 5_000,
    unhealthyAfter = 3,
    healthyAfter = 2,
  } = settings ?? {}
  const kind = settings === undefined ? 'tcp' : kindOf(settings)
  if (kind !== 'http')
    omissions.add(where, `health ${kind}`, 'an application load balancer checks by HTTP: GET / below 500')
  if (settings?.bodyIncludes !== undefined)
    omissions.add(where, 'health.bodyIncludes', 'AWS looks at statuses only')
  if (settings?.host !== undefined || Object.keys(settings?.headers ?? {}).length > 0)
    omissions.add(where, 'health.host, health.headers', 'AWS sends its own')
  const interval = bounded(intervalMs / 1_000, 5, 300)
  const timeout = bounded(timeoutMs / 1_000, 2, Math.min(120, interval - 1))
  const healthy = bounded(healthyAfter, 2, 10)
  const unhealthy = bounded(unhealthyAfter, 2, 10)
  if (interval * 1_000 !== intervalMs || timeout * 1_000 !== timeoutMs)
    omissions.add(where, 'health times', `AWS takes 5–300 s and whole seconds: ${interval} s, ${timeout} s`)
  if (healthy !== healthyAfter || unhealthy !== unhealthyAfter)
    omissions.add(where, 'health thresholds', `AWS takes 2–10: ${healthy} and ${unhealthy}`)
  const usable = path.length <= 1_024 && /^\/[\x21-\x7e]*$/.test(path)
  if (!usable) omissions.add(where, 'health.path', 'not one that AWS takes: / is checked')
  return {
    HealthCheckEnabled: true,
    HealthCheckProtocol: (settings?.tls ?? isSecure(pool)) ? 'HTTPS' : 'HTTP',
    HealthCheckPath: kind === 'http' && usable ? path : '/',
    HealthCheckPort: settings?.port === undefined ? 'traffic-port' : String(settings.port),
    HealthCheckIntervalSeconds: interval,
    HealthCheckTimeoutSeconds: timeout,
    HealthyThresholdCount: healthy,
    UnhealthyThresholdCount: unhealthy,
    Matcher: { HttpCode: settings === undefined ? '200-499' : matcher(settings) },
  }
}

const isSecure = ({ backends }: PoolEntry): boolean => backends[0]?.protocol === 'https'

function attributes(
  pool: PoolEntry,
  { config }: ExportInput,
  omissions: Omissions,
): TargetGroup['attributes'] {
  const where = `pool '${pool.name}'`
  const balance = pool.balance ?? config.balance
  const least = ['least-connections', 'least-response-time', 'two-choices'].includes(balance)
  if (balance === 'ip-hash' || balance === 'least-response-time' || balance === 'two-choices')
    omissions.add(
      where,
      `balance ${balance}`,
      `AWS has not; ${least ? 'least outstanding requests' : 'round robin'}`,
    )
  if (pool.sticky?.kind === 'ip') omissions.add(where, 'sticky ip', 'AWS has cookies only')
  if (pool.breaker !== undefined) omissions.add(where, 'breaker', 'AWS has none')
  if (pool.outlier !== undefined) omissions.add(where, 'outlier', 'AWS looks at health checks only')
  if (pool.rateLimit !== undefined) omissions.add(where, 'rateLimit', 'AWS has none here; see AWS WAF')
  if (pool.backends.some(({ weight = 1 }) => weight !== (pool.backends[0]?.weight ?? 1)))
    omissions.add(where, 'weights of backends', 'AWS weighs target groups only')
  const sticky = pool.sticky?.kind === 'cookie' ? pool.sticky : undefined
  if (sticky !== undefined) omissions.add(where, 'sticky cookie', 'the cookie is AWS’s own (AWSALB)')
  return [
    {
      Key: 'load_balancing.algorithm.type',
      Value: least ? 'least_outstanding_requests' : 'round_robin',
    },
    { Key: 'deregistration_delay.timeout_seconds', Value: '30' },
    { Key: 'stickiness.enabled', Value: String(sticky !== undefined) },
    ...(sticky === undefined
      ? []
      : [
          { Key: 'stickiness.type', Value: 'lb_cookie' },
          {
            Key: 'stickiness.lb_cookie.duration_seconds',
            Value: String(bounded(sticky.maxAgeMs / 1_000, 1, 604_800)),
          },
        ]),
  ]
}

/** Pools as target groups of addresses, for an application load balancer. */
export function targetGroups(input: ExportInput, omissions: Omissions): TargetGroup[] {
  return input.table.pools.map((pool) => {
    const family = pool.backends.find(({ host }) => isIP(host) !== 0)?.host.includes(':') === true ? 6 : 4
    const targets = pool.backends.flatMap(({ id, host, port, state }) => {
      const where = `backend '${id}'`
      const leave = (what: string, why: string): [] => {
        omissions.add(where, what, `${why}; it is left out`)
        return []
      }
      if (isIP(host) === 0 || host.includes('%')) return leave('host', 'a target is an address')
      if (isIP(host) !== family) return leave('host', 'a target group has addresses of one kind')
      if (state === 'draining') return leave('draining', 'it takes no requests')
      if (host.startsWith('127.') || host === '::1') return leave('host', 'AWS takes no loopback address')
      return [{ Id: host, Port: port }]
    })
    return {
      pool: pool.name,
      input: {
        Name: targetGroupName(pool.name),
        Protocol: isSecure(pool) ? 'HTTPS' : 'HTTP',
        Port: pool.backends[0]?.port ?? 80,
        ProtocolVersion: 'HTTP1',
        TargetType: 'ip',
        VpcId: VPC,
        IpAddressType: family === 6 ? 'ipv6' : 'ipv4',
        ...healthCheck(pool, input.health[pool.name], omissions),
      },
      attributes: attributes(pool, input, omissions),
      targets,
    }
  })
}
