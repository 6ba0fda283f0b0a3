import type { RouteEntry } from '../../drivers/driver.ts'
import { nameOf } from '../../routing/check-routes.ts'
import type { Omissions } from '../model.ts'
import { routesByHost } from '../precedence.ts'
import type { ExportInput } from '../model.ts'

/** Of a listener, without its default (AWS's quota). */
const MAX_RULES = 100
/** Values of conditions, and wildcards, of one rule. */
const MAX_VALUES = 5
const MAX_WILDCARDS = 5

export type Condition =
  | { Field: 'host-header'; HostHeaderConfig: { Values: string[] } }
  | { Field: 'path-pattern'; PathPatternConfig: { Values: string[] } }
  | { Field: 'http-request-method'; HttpRequestMethodConfig: { Values: string[] } }
  | { Field: 'http-header'; HttpHeaderConfig: { HttpHeaderName: string; Values: string[] } }

export interface Rule<Group> {
  Priority: number
  Conditions: Condition[]
  /** Whole percent of 999 at most, as AWS weighs. */
  groups: { group: Group; weight: number }[]
  sticky: boolean
}

/** A character that means something to AWS, or that no path there has. */
const PLAIN = /^[A-Za-z0-9_\-.$/~"'@:+&()!,;=%<>]*$/

/** Characters that stand for others in a pattern of AWS are escaped. */
const escaped = (text: string): string => text.replaceAll(/[*?\\]/g, String.raw`\$&`)

function conditionsOf(entry: RouteEntry, host: string | undefined, prefix: string): Condition[] | string {
  const conditions: Condition[] = []
  if (entry.access === 'loopback') return 'a load balancer is for everybody'
  if (entry.countries !== undefined) return 'AWS has no condition on countries'
  if (host !== undefined) {
    if (host.length > 128 || !/^[a-z0-9*_.-]+$/.test(host)) return 'AWS takes no such host'
    conditions.push({ Field: 'host-header', HostHeaderConfig: { Values: [host] } })
  }
  if (prefix !== '') {
    if (!PLAIN.test(prefix) || prefix.length > 126) return 'AWS takes no such path'
    conditions.push({ Field: 'path-pattern', PathPatternConfig: { Values: [prefix, `${prefix}/*`] } })
  }
  if (entry.methods !== undefined) {
    if (entry.methods.some((method) => !/^[A-Z_-]{1,40}$/.test(method))) return 'AWS takes no such method'
    conditions.push({ Field: 'http-request-method', HttpRequestMethodConfig: { Values: [...entry.methods] } })
  }
  for (const { name, value, pattern } of entry.headers ?? []) {
    if (pattern !== undefined) return 'AWS has no regular expressions in this condition'
    if (name.length > 40) return 'AWS takes no such header'
    if (value !== undefined && (value === '' || escaped(value).length > 128 || !/^[\x20-\x7e]*$/.test(value)))
      return 'AWS takes no such value of a header'
    if (/^host$/i.test(name)) return 'AWS wants hosts elsewhere'
    const Values = [value === undefined ? '*' : escaped(value)]
    conditions.push({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: name, Values } })
  }
  const values = conditions.flatMap(valuesOf)
  if (values.length > MAX_VALUES) return `it needs ${values.length} values, AWS takes ${MAX_VALUES} a rule`
  const wildcards = values.join('').replaceAll(/\\./g, '').match(/[*?]/g)?.length ?? 0
  if (wildcards > MAX_WILDCARDS) return `it needs ${wildcards} wildcards, AWS takes ${MAX_WILDCARDS} a rule`
  return conditions
}

/** Of one condition. */
export function valuesOf(condition: Condition): string[] {
  switch (condition.Field) {
    case 'host-header':
      return condition.HostHeaderConfig.Values
    case 'path-pattern':
      return condition.PathPatternConfig.Values
    case 'http-request-method':
      return condition.HttpRequestMethodConfig.Values
    default:
      return condition.HttpHeaderConfig.Values
  }
}

function omitOf(entry: RouteEntry, omissions: Omissions): void {
  const where = nameOf(entry)
  if (entry.stripPrefix === true) omissions.add(where, 'stripPrefix', 'backends get the whole path')
  if (entry.rateLimit !== undefined) omissions.add(where, 'rateLimit', 'AWS has none here; see AWS WAF')
  if (entry.mirror !== undefined) omissions.add(where, 'mirror', 'AWS has none')
  if ((entry.headers ?? []).some(({ value }) => value !== undefined))
    omissions.add(where, 'headers', 'AWS compares values without regard to case')
  if (entry.split !== undefined) omissions.add(where, `split ${entry.split.name}`, 'shares are those of now')
}

/** Routes as rules in the order in which ours are asked. The rest of the requests is the listener's default: 404. */
export function listenerRules({ table }: ExportInput, omissions: Omissions): Rule<string>[] {
  const rules: Rule<string>[] = []
  const seen = new Set<string>()
  for (const { host: asked, routes } of routesByHost(table).sort(byHost)) {
    for (const { number, entry, prefix } of routes) {
      const host = entry.host?.toLowerCase()
      // A request that its host's own rules do not take goes on to the next, as at the gateway.
      if (host !== asked || seen.has(String(number))) continue
      seen.add(String(number))
      const conditions = conditionsOf(entry, host, prefix)
      const where = nameOf(entry)
      if (typeof conditions === 'string') {
        omissions.add(where, 'route', `${conditions}; the route is left out`)
        continue
      }
      if (rules.length === MAX_RULES) {
        omissions.add(where, 'route', `a listener has ${MAX_RULES} rules; the route is left out`)
        continue
      }
      omitOf(entry, omissions)
      // A rule has at least one condition.
      if (conditions.length === 0)
        conditions.push({ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } })
      const parts = entry.split?.parts ?? [{ pool: entry.pool, share: 100 }]
      if (parts.length > MAX_VALUES)
        omissions.add(where, 'split', `AWS forwards to ${MAX_VALUES} groups; the others are left out`)
      rules.push({
        Priority: rules.length + 1,
        Conditions: conditions,
        groups: parts
          .slice(0, MAX_VALUES)
          .map(({ pool, share }) => ({ group: pool, weight: weightOf(share) })),
        sticky: entry.split?.kind === 'ab',
      })
    }
  }
  return rules
}

/** 0 to 999; a part that gets something never gets nothing. */
const weightOf = (share: number): number => (share === 0 ? 0 : Math.max(1, Math.round(share * 9.99)))

/** Exact hosts, then wildcards from the longest, then any. */
function byHost(a: { host: string | undefined }, b: { host: string | undefined }): number {
  const rank = ({ host }: { host: string | undefined }): number =>
    host === undefined ? 2 : host.startsWith('*') ? 1 : 0
  return (
    rank(a) - rank(b) ||
    (b.host?.length ?? 0) - (a.host?.length ?? 0) ||
    ((a.host ?? '') < (b.host ?? '') ? -1 : 1)
  )
}
