import type { RouteEntry } from '../../drivers/driver.ts'
import { nameOf } from '../../routing/check-routes.ts'
import { barePrefix } from '../../routing/router.ts'
import { Omissions, type Exported, type ExportInput } from '../model.ts'
import { dnsLabel } from '../names.ts'
import { renderManifests } from './documents.ts'
import {
  metadata,
  omitPoolSettings,
  poolManifests,
  servicePort,
  serviceName,
  type Manifest,
} from './services.ts'
import { ingressHost, isPlainPath } from './paths.ts'

const seconds = (milliseconds: number): string => String(Math.max(1, Math.ceil(milliseconds / 1_000)))

/** Settings of the controller ingress-nginx, which others do not look at. */
function annotations({ config }: ExportInput, entry: RouteEntry): Record<string, string> {
  const prefix = 'nginx.ingress.kubernetes.io'
  const { timeouts, limits } = config
  const { rateLimit } = entry
  return {
    [`${prefix}/proxy-connect-timeout`]: seconds(timeouts.connectMs),
    [`${prefix}/proxy-read-timeout`]: seconds(timeouts.responseMs),
    [`${prefix}/proxy-send-timeout`]: seconds(timeouts.idleMs),
    [`${prefix}/proxy-body-size`]: String(Math.max(1, limits.bodyBytes)),
    [`${prefix}/proxy-buffering`]: 'off',
    [`${prefix}/proxy-request-buffering`]: 'off',
    [`${prefix}/proxy-next-upstream`]: 'error',
    ...(rateLimit === undefined || (rateLimit.by ?? 'client') !== 'client'
      ? {}
      : {
          [`${prefix}/limit-rps`]: String(Math.max(1, Math.round(rateLimit.perSecond))),
          [`${prefix}/limit-burst-multiplier`]: String(
            Math.max(1, Math.round(rateLimit.burst / Math.max(1, rateLimit.perSecond))),
          ),
        }),
  }
}

/** Why a route cannot be one of an Ingress, if so. */
function refusal(entry: RouteEntry): string | undefined {
  if (entry.access === 'loopback') return 'an Ingress is for everybody; the route is left out'
  if (entry.methods !== undefined || (entry.headers ?? []).length > 0 || entry.countries !== undefined)
    return 'an Ingress matches hosts and paths only; the route is left out (the format gateway-api has more)'
  if (!isPlainPath(entry.prefix)) return 'Kubernetes takes no path of this form; the route is left out'
  return undefined
}

/**
 * Ingress objects of networking.k8s.io/v1 with Services and EndpointSlices. Controller-neutral; with `nginx`, annotations
 * of the controller ingress-nginx are added. `pathType: Prefix` is by whole segments, as ours.
 */
export function exportIngress(input: ExportInput, { nginx = false } = {}): Exported {
  const { table, config } = input
  const omissions = new Omissions()
  omissions.addUnknown(table)
  const used = new Set<string>()
  const rules: { entry: RouteEntry; pool: string; host: string | undefined }[] = []
  for (const entry of table.routes) {
    const where = nameOf(entry)
    const why = refusal(entry)
    const host = ingressHost(entry.host)
    if (why !== undefined) omissions.add(where, 'route', why)
    else if (host === null)
      omissions.add(where, 'host', 'not one that Kubernetes takes; the route is left out')
    else {
      const { split } = entry
      const pool = [...(split?.parts ?? [])].sort((a, b) => b.share - a.share)[0]?.pool ?? entry.pool
      if (split !== undefined)
        omissions.add(where, `split ${split.name}`, `an Ingress has no shares: all of it goes to '${pool}'`)
      if (entry.mirror !== undefined) omissions.add(where, 'mirror', 'an Ingress has none')
      if (entry.stripPrefix === true)
        omissions.add(where, 'stripPrefix', 'an Ingress rewrites nothing: backends get the whole path')
      if (entry.rateLimit !== undefined && !(nginx && (entry.rateLimit.by ?? 'client') === 'client'))
        omissions.add(where, 'rateLimit', 'an Ingress has none')
      used.add(pool)
      rules.push({ entry, pool, host })
    }
  }
  const hosts = new Set(rules.map(({ host }) => host))
  if (hosts.size > 1 && hosts.has(undefined))
    omissions.add('settings', 'hosts', 'where a host has no route for a path, some controllers ask no other')
  const pools = table.pools.filter(({ name }) => used.has(name))
  for (const pool of pools) omitPoolSettings(pool, config.balance, omissions)
  omissions.add('settings', 'health', 'Kubernetes checks pods by their own probes')
  if (!nginx) omissions.add('settings', 'timeouts, limits, retries', 'an Ingress has none; see ingress-nginx')
  omissions.add('settings', 'cache, compression', 'an Ingress has none')
  if (config.tls.enabled)
    omissions.add('settings', 'tls', 'put the certificate into a Secret and name it in spec.tls')
  const ingresses = rules.map(({ entry, pool, host }): Manifest => {
    const prefix = barePrefix(entry.prefix) || '/'
    const backend = { service: { name: serviceName(pool), port: { number: servicePort(table, pool) } } }
    const secure = table.pools.find(({ name }) => name === pool)?.backends[0]?.protocol === 'https'
    if (secure && !nginx)
      omissions.add(`pool '${pool}'`, 'protocol https', 'an Ingress does not say how backends are spoken to')
    return {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        ...metadata(dnsLabel(`${host ?? ''}${prefix}`)),
        ...(nginx
          ? {
              annotations: {
                ...annotations(input, entry),
                ...(secure ? { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' } : {}),
              },
            }
          : {}),
      },
      spec: {
        ...(nginx ? { ingressClassName: 'nginx' } : {}),
        rules: [
          {
            ...(host === undefined ? {} : { host }),
            http: { paths: [{ path: prefix, pathType: 'Prefix', backend }] },
          },
        ],
      },
    }
  })
  const manifests = [...pools.flatMap((pool) => poolManifests(pool, omissions)), ...ingresses]
  return { text: renderManifests(manifests, omissions), notExported: omissions.list() }
}
