import type { GatewayTable, RateLimit, RouteEntry } from '../driver.ts'
import { Gcra } from '../../pools/gcra.ts'
import { MAX_CLIENTS } from '../../limits/client-rate.ts'
import { luaList, luaString, luaTable } from './lua-text.ts'

/** The longest time in which a limit fills up again: arrival times are kept in 32 bits of milliseconds. */
const MAX_WINDOW_MS = 7 * 86_400_000
/** Up to here in microseconds, so that thousands a second can be told apart. */
const FINE_WINDOW_MS = 600_000
const MARGIN_MS = 60_000
/** Longer values of a header that tells clients apart are cut: they are kept in memory. */
const MAX_KEY = 257

interface Limit {
  rateLimit: RateLimit
  gcra: Gcra
  windowMs: number
}

const keyOf = ({ prefix, host, methods, headers, countries, rateLimit }: RouteEntry): string =>
  JSON.stringify([prefix, host, methods, headers, countries, rateLimit])

function limitOf(rateLimit: RateLimit): Limit {
  const gcra = new Gcra(rateLimit.perSecond, rateLimit.burst)
  return { rateLimit, gcra, windowMs: gcra.burst * gcra.intervalMs }
}

/** Once each, in an order that does not depend on the routes'. */
function limitsOf({ routes }: GatewayTable): Map<string, Limit> {
  const found = routes.flatMap((route): [string, Limit][] =>
    route.rateLimit === undefined ? [] : [[keyOf(route), limitOf(route.rateLimit)]],
  )
  return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A route's limit as maps and rules number it; undefined: none. */
export function limitNumbers(table: GatewayTable): (route: RouteEntry) => number | undefined {
  const numbers = new Map([...limitsOf(table).keys()].map((key, index) => [key, index + 1]))
  return (route) => (route.rateLimit === undefined ? undefined : numbers.get(keyOf(route)))
}

export const hasLimits = ({ routes }: GatewayTable): boolean =>
  routes.some(({ rateLimit }) => rateLimit !== undefined)

export function limitProblems({ rateLimit }: RouteEntry): string[] {
  if (rateLimit === undefined) return []
  const { by = 'client' } = rateLimit
  if (by !== 'client' && !/^header:[\w-]+$/.test(by))
    return [`'rateLimit' by '${by}' is not a feature of the engine 'haproxy': letters, digits, - and _`]
  if (!(rateLimit.perSecond > 0) || !(rateLimit.burst >= 1)) return []
  return limitOf(rateLimit).windowMs > MAX_WINDOW_MS
    ? [`'rateLimit' that takes more than 7 days to fill up is not a feature of the engine 'haproxy'`]
    : []
}

/** A table for each limit: by client, when the next request would be due. */
export const limitSections = (table: GatewayTable): { title: string; lines: string[] }[] =>
  [...limitsOf(table).values()].map(({ rateLimit, windowMs }, index) => ({
    title: `backend limit.${index + 1}`,
    lines: [
      `stick-table type ${(rateLimit.by ?? 'client') === 'client' ? 'ipv6' : `string len ${MAX_KEY}`} ` +
        `size ${MAX_CLIENTS} expire ${Math.ceil(windowMs) + MARGIN_MS}ms store gpt0`,
    ],
  }))

/** After the client is known. */
export function limitRules(table: GatewayTable, reply429: string): string[] {
  const limits = [...limitsOf(table).values()]
  if (limits.length === 0) return []
  return [
    ...limits.flatMap(({ rateLimit: { by = 'client' } }, index) => {
      const number = index + 1
      const when = `if { var(txn.route),concat(;) -m sub ;r${number}; }`
      if (by === 'client')
        return [`http-request track-sc1 var(txn.client),ipmask(32,64) table limit.${number} ${when}`]
      const name = by.slice('header:'.length).toLowerCase()
      return [
        `http-request set-var(txn.key) var(txn.client),ipmask(32,64) ${when}`,
        // Apart from addresses, so that nobody can speak for another's.
        `http-request set-var-fmt(txn.key) '=%[req.fhdr(${name}),bytes(0,${MAX_KEY - 1})]' ${when} { req.fhdr(${name}) -m len gt 0 }`,
        `http-request track-sc1 var(txn.key) table limit.${number} ${when}`,
      ]
    }),
    'http-request set-var(txn.arrival) sc1_get_gpt0 if { sc1_tracked }',
    'http-request lua.limit if { sc1_tracked }',
    'http-request sc-set-gpt0(1) var(txn.next) if { var(txn.next) -m found }',
    `http-request return ${reply429} hdr retry-after '%[var(txn.limit_retry)]' if { var(txn.limited) -m bool }`,
  ]
}

/** What is said with every answer of such a route. */
export const limitHeaders = [
  "http-after-response set-header ratelimit-policy '%[var(txn.limit_policy)]' if { var(txn.limit_policy) -m found }",
  "http-after-response set-header ratelimit '%[var(txn.limit_left)]' if { var(txn.limit_left) -m found }",
]

/** The generic cell rate algorithm of pools/gcra.ts over 32 bits of ticks that begin anew. */
export function limitScript(table: GatewayTable): string {
  const limits = [...limitsOf(table).values()].map(({ gcra, windowMs }) => {
    const tickMicros = windowMs <= FINE_WINDOW_MS ? 1 : 1_000
    const interval = (gcra.intervalMs * 1_000) / tickMicros
    const seconds = Math.max(1, Math.ceil(windowMs / 1_000))
    return luaTable({
      tick: `${tickMicros}`,
      interval: `${interval}`,
      tolerance: `${interval * (gcra.burst - 1)}`,
      burst: `${gcra.burst}`,
      policy: luaString(`"client";q=${gcra.burst};w=${seconds}`),
    })
  })
  if (limits.length === 0) return ''
  return `
local limits = ${luaList(limits)}
core.register_action('limit', { 'http-req' }, function(txn)
  local limit = limits[tonumber(string.match(txn:get_var('txn.route'), ';r(%d+)'))]
  local time = core.now()
  local now = ((time.sec * 1000000 + time.usec) // limit.tick) & 0xffffffff
  -- How far ahead of the present the next request is due; 0 stands for a client that is new.
  local ahead = 0
  local arrival = txn:get_var('txn.arrival') or 0
  if arrival ~= 0 then
    ahead = (arrival - now) & 0xffffffff
    if ahead >= 0x80000000 then ahead = 0 end
  end
  local allowed = ahead <= limit.tolerance + 1
  if allowed then
    ahead = ahead + limit.interval
    local due = (now + math.ceil(ahead)) & 0xffffffff
    txn:set_var('txn.next', due == 0 and 1 or due)
  end
  local left = math.max(0, math.floor((limit.tolerance + 1 - ahead) / limit.interval) + 1)
  local reset = math.max(0, ahead - limit.tolerance + left * limit.interval)
  local seconds = math.ceil(reset * limit.tick / 1000000)
  txn:set_var('txn.limited', not allowed)
  txn:set_var('txn.limit_retry', tostring(math.max(1, seconds)))
  txn:set_var('txn.limit_policy', limit.policy)
  txn:set_var('txn.limit_left', string.format('"client";r=%d;t=%d', left, seconds))
end)
`
}
