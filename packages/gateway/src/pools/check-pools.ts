import { MIN_SECRET_LENGTH } from '../affinity/secret-file.ts'
import type { GatewayTable, PoolEntry, RateLimit } from '../drivers/driver.ts'
import { isCookieName } from '../splitting/cookie.ts'

const HEADER_NAME = /^header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/

const isPositive = (value: number): boolean => value > 0 && Number.isFinite(value)
const isShare = (value: number): boolean => value >= 0 && value <= 1

/** Problems of what pools and routes say about sessions, limits and failing backends, each naming its field. */
export function checkPools({ pools, routes }: GatewayTable): string[] {
  const problems: string[] = []
  const cookies = new Map<string, string>()
  for (const pool of pools) {
    const report = (problem: string): void => void problems.push(`pool '${pool.name}': ${problem}`)
    if (pool.protocol !== undefined && pool.protocol !== 'http1' && pool.protocol !== 'http2')
      report(`protocol '${String(pool.protocol)}' is neither http1 nor http2`)
    checkSticky(pool, cookies, report)
    checkBreaker(pool, report)
    checkOutlier(pool, report)
    if (pool.rateLimit !== undefined) checkRate(pool.rateLimit, report)
    for (const { id, maxConnections } of pool.backends) {
      if (maxConnections !== undefined && !(Number.isInteger(maxConnections) && maxConnections > 0)) {
        problems.push(`backend '${id}': maxConnections ${maxConnections} is not a whole number above 0`)
      }
    }
  }
  for (const { prefix, rateLimit } of routes) {
    if (rateLimit !== undefined)
      checkRate(rateLimit, (text) => void problems.push(`route '${prefix}': ${text}`))
  }
  return problems
}

function checkSticky(
  { name, sticky }: PoolEntry,
  cookies: Map<string, string>,
  report: (problem: string) => void,
): void {
  if (sticky === undefined) return
  const { kind, cookieName, maxAgeMs, secret } = sticky
  if (kind === 'ip') return
  if (!isCookieName(cookieName)) report(`sticky.cookieName '${cookieName}' is not letters, digits, - and _`)
  if (!isPositive(maxAgeMs)) report(`sticky.maxAgeMs ${maxAgeMs} is not a positive number`)
  if (secret.length < MIN_SECRET_LENGTH)
    report(`sticky.secret has fewer than ${MIN_SECRET_LENGTH} characters`)
  const other = cookies.get(cookieName)
  if (other !== undefined) report(`sticky.cookieName '${cookieName}' is that of the pool '${other}' already`)
  cookies.set(cookieName, name)
}

function checkBreaker({ breaker }: PoolEntry, report: (problem: string) => void): void {
  if (breaker === undefined) return
  const { errorRatio, latencyMs = 1, minRequests, windowMs, openMs, steps, panicShare = 0 } = breaker
  if (!isShare(errorRatio) || errorRatio === 0)
    report(`breaker.errorRatio ${errorRatio} is not above 0 and up to 1`)
  if (!isPositive(latencyMs)) report(`breaker.latencyMs ${latencyMs} is not a positive number`)
  if (!Number.isInteger(minRequests) || minRequests < 1) {
    report(`breaker.minRequests ${minRequests} is not a whole number above 0`)
  }
  if (!(windowMs >= 10 && Number.isFinite(windowMs))) report(`breaker.windowMs ${windowMs} is not 10 or more`)
  if (!isPositive(openMs)) report(`breaker.openMs ${openMs} is not a positive number`)
  const rising = steps.every((step, at) => step > (steps[at - 1] ?? 0) && step <= 100)
  if (steps.length === 0 || !rising) report('breaker.steps must rise, above 0 and up to 100')
  if (!isShare(panicShare)) report(`breaker.panicShare ${panicShare} is not 0–1`)
}

function checkOutlier({ outlier }: PoolEntry, report: (problem: string) => void): void {
  if (outlier === undefined) return
  const { consecutiveFailures, maxEjectedShare, baseEjectMs, maxEjectMs = baseEjectMs } = outlier
  if (!Number.isInteger(consecutiveFailures) || consecutiveFailures < 1) {
    report(`outlier.consecutiveFailures ${consecutiveFailures} is not a whole number above 0`)
  }
  if (!isShare(maxEjectedShare)) report(`outlier.maxEjectedShare ${maxEjectedShare} is not 0–1`)
  if (!isPositive(baseEjectMs)) report(`outlier.baseEjectMs ${baseEjectMs} is not a positive number`)
  if (!(maxEjectMs >= baseEjectMs)) report('outlier.maxEjectMs is less than baseEjectMs')
}

function checkRate({ perSecond, burst, by = 'client' }: RateLimit, report: (problem: string) => void): void {
  if (!isPositive(perSecond)) report(`rateLimit.perSecond ${perSecond} is not a positive number`)
  if (!(Number.isFinite(burst) && burst >= 1)) report(`rateLimit.burst ${burst} is not 1 or more`)
  if (by !== 'client' && !HEADER_NAME.test(by))
    report(`rateLimit.by '${by}' is neither client nor header:<name>`)
}
