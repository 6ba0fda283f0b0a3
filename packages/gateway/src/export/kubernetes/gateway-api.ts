import type { RouteEntry } from '../../drivers/driver.ts'
import { nameOf } from '../../routing/check-routes.ts'
import { barePrefix } from '../../routing/router.ts'
import { Omissions, type Exported, type ExportInput } from '../model.ts'
import { dnsLabel } from '../names.ts'
import { renderManifests } from './documents.ts'
import { ingressHost, isPlainPath } from './paths.ts'
import {
  metadata,
  omitPoolSettings,
  poolManifests,
  servicePort,
  serviceName,
  type Manifest,
} from './services.ts'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'])
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
/** Of an HTTPRoute, and of a rule: more are split over several. */
const MAX_RULES = 16
const MAX_MATCHES = 8
const MAX_WEIGHT = 1_000_000
const GATEWAY = 'millrace'

/** `10s`, `1500ms` (GEP-2257): at most five digits, so seconds where they are whole. */
const duration = (milliseconds: number): string =>
  milliseconds < 100_000
    ? `${Math.max(1, Math.round(milliseconds))}ms`
    : `${Math.round(milliseconds / 1_000)}s`

function refusal(entry: RouteEntry): string | undefined {
  const headers = entry.headers ?? []
  if (entry.access === 'loopback') return 'a Gateway is for everybody; the route is left out'
  if (entry.countries !== undefined) return 'a Gateway knows no countries; the route is left out'
  if (!isPlainPath(entry.prefix)) return 'Kubernetes takes no path of this form; the route is left out'
  if (ingressHost(entry.host) === null) return 'Kubernetes takes no such host; the route is left out'
  if (entry.methods?.some((method) => !METHODS.has(method)))
    return 'a method that the Gateway API does not have; the route is left out'
  if ((entry.methods?.length ?? 0) > MAX_MATCHES)
    return `more than ${MAX_MATCHES} methods; the route is left out`
  if (new Set(headers.map(({ name }) => name.toLowerCase())).size < headers.length)
    return 'two conditions on one header, of which the Gateway API looks at the first; the route is left out'
  if (headers.length > MAX_RULES) return 'more than 16 headers; the route is left out'
  if (
    headers.some(({ name, value = ' ' }) => !HEADER_NAME.test(name) || value === '' || value.length > 4_096)
  )
    return 'a header that the Gateway API does not take; the route is left out'
  if (headers.some(({ pattern }) => pattern !== undefined && (pattern === '' || pattern.length > 4_000)))
    return 'a pattern that the Gateway API does not take; the route is left out'
  return undefined
}

/** Matches of a rule: one for each method. */
function matches(entry: RouteEntry, omissions: Omissions): object[] {
  const path = { type: 'PathPrefix', value: barePrefix(entry.prefix) || '/' }
  const headers = (entry.headers ?? []).map(({ name, value, pattern }) => {
    if (value !== undefined) return { type: 'Exact', name, value }
    omissions.add(nameOf(entry), `header ${name}`, 'patterns are not part of every implementation')
    return { type: 'RegularExpression', name, value: pattern === undefined ? '.*' : `^(?:${pattern})$` }
  })
  const other = { path, ...(headers.length === 0 ? {} : { headers }) }
  return entry.methods === undefined ? [other] : entry.methods.map((method) => ({ ...other, method }))
}

/** Shares of percent with two digits are whole numbers of ten thousand. */
function backendRefs(entry: RouteEntry, { table }: ExportInput): object[] {
  const refOf = (pool: string) => ({ name: serviceName(pool), port: servicePort(table, pool) })
  const { split } = entry
  if (split === undefined) return [refOf(entry.pool)]
  return split.parts.map(({ pool, share }) => ({
    ...refOf(pool),
    weight: Math.min(MAX_WEIGHT, Math.round(share * 100)),
  }))
}

function filters(entry: RouteEntry, { table }: ExportInput): object[] {
  const { mirror } = entry
  const stripped = entry.stripPrefix === true && barePrefix(entry.prefix) !== ''
  const numerator = Math.round((mirror?.share ?? 0) * 100)
  return [
    ...(stripped
      ? [
          {
            type: 'URLRewrite',
            urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
          },
          {
            type: 'RequestHeaderModifier',
            requestHeaderModifier: { set: [{ name: 'X-Forwarded-Prefix', value: barePrefix(entry.prefix) }] },
          },
        ]
      : []),
    ...(mirror === undefined || numerator === 0
      ? []
      : [
          {
            type: 'RequestMirror',
            requestMirror: {
              backendRef: { name: serviceName(mirror.pool), port: servicePort(table, mirror.pool) },
              fraction: { numerator, denominator: 10_000 },
            },
          },
        ]),
  ]
}

function omitOf(entry: RouteEntry, omissions: Omissions): void {
  const where = nameOf(entry)
  const { split, mirror } = entry
  if (entry.rateLimit !== undefined) omissions.add(where, 'rateLimit', 'the Gateway API has none')
  if (split?.kind === 'ab')
    omissions.add(where, 'split cookie', 'each request is shared out anew; see sessionPersistence')
  if (split !== undefined)
    omissions.add(where, `split ${split.name}`, 'shares are those of now: nothing moves or judges them')
  if (mirror !== undefined)
    omissions.add(where, 'mirror methods, maxBodyBytes', 'the Gateway API copies requests of any kind')
}

/** Gateway, HTTPRoutes, Services, EndpointSlices and, for backends with TLS, BackendTLSPolicies; all of version v1. */
export function exportGatewayApi(input: ExportInput): Exported {
  const { table, config } = input
  const omissions = new Omissions()
  omissions.addUnknown(table)
  const { timeouts } = config
  const request = timeouts.responseMs
  const rulesByHost = new Map<string, object[]>()
  const used = new Set<string>()
  for (const entry of table.routes) {
    const why = refusal(entry)
    if (why !== undefined) {
      omissions.add(nameOf(entry), 'route', why)
      continue
    }
    omitOf(entry, omissions)
    for (const pool of [
      entry.pool,
      entry.mirror?.pool,
      ...(entry.split?.parts ?? []).map((part) => part.pool),
    ])
      if (pool !== undefined) used.add(pool)
    const applied = filters(entry, input)
    const key = ingressHost(entry.host) ?? ''
    const rules = rulesByHost.get(key) ?? []
    rulesByHost.set(key, rules)
    rules.push({
      matches: matches(entry, omissions),
      ...(applied.length === 0 ? {} : { filters: applied }),
      backendRefs: backendRefs(entry, input),
      timeouts: { request: '0s', backendRequest: '0s' },
    })
  }
  omissions.add(
    'settings',
    `timeouts.responseMs ${duration(request)}`,
    'the Gateway API limits whole answers, which would cut streams: none is set',
  )
  omissions.add('settings', 'retries', 'not in the standard channel of the Gateway API')
  if ([...rulesByHost.keys()].length > 1)
    omissions.add('settings', 'hosts', 'where a host has no route for a path, the Gateway API asks no other')
  omissions.add('settings', 'limits, cache, compression, health', 'the Gateway API has none of them')
  if (config.tls.enabled)
    omissions.add('settings', 'tls', 'put the certificate into a Secret and add a listener that names it')
  const pools = table.pools.filter(({ name }) => used.has(name))
  for (const pool of pools) omitPoolSettings(pool, config.balance, omissions)
  const routes = [...rulesByHost].flatMap(([host, rules]) =>
    Array.from({ length: Math.ceil(rules.length / MAX_RULES) }, (_, at): Manifest => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: metadata(dnsLabel(`${host} ${at}`)),
      spec: {
        parentRefs: [{ name: GATEWAY }],
        ...(host === '' ? {} : { hostnames: [host] }),
        rules: rules.slice(at * MAX_RULES, (at + 1) * MAX_RULES),
      },
    })),
  )
  const secure = pools.flatMap(({ name, backends }): Manifest[] => {
    const [first] = backends.filter(({ protocol }) => protocol === 'https')
    const hostname = ingressHost(first?.host)
    if (first === undefined) return []
    if (hostname === undefined || hostname === null || hostname.startsWith('*')) {
      omissions.add(`pool '${name}'`, 'protocol https', 'a BackendTLSPolicy wants a name, not an address')
      return []
    }
    return [
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'BackendTLSPolicy',
        metadata: metadata(serviceName(name)),
        spec: {
          targetRefs: [{ group: '', kind: 'Service', name: serviceName(name) }],
          validation: { wellKnownCACertificates: 'System', hostname },
        },
      },
    ]
  })
  const gateway: Manifest = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: metadata(GATEWAY),
    spec: {
      // The class of your cluster: kubectl get gatewayclass.
      gatewayClassName: GATEWAY,
      listeners: [
        { name: 'http', protocol: 'HTTP', port: 80, allowedRoutes: { namespaces: { from: 'Same' } } },
      ],
    },
  }
  omissions.add(
    'settings',
    'gatewayClassName',
    'put the class of your cluster there: kubectl get gatewayclass',
  )
  const services = pools.flatMap((pool) => poolManifests(pool, omissions))
  return {
    text: renderManifests([gateway, ...services, ...secure, ...routes], omissions),
    notExported: omissions.list(),
  }
}
