import { isIP, isIPv4 } from 'node:net'
import type { BalanceAlgorithm } from '../../config.ts'
import type { BackendEntry, GatewayTable, PoolEntry } from '../../drivers/driver.ts'
import type { Omissions } from '../model.ts'
import { dnsLabel } from '../names.ts'

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

export const LABELS = { 'app.kubernetes.io/managed-by': 'millrace' }
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/
/** Of an EndpointSlice. */
const MAX_ENDPOINTS = 1_000
export const PORT_NAME = 'web'
/** Of the Services; which port a backend has is in its EndpointSlice. */
export const SERVICE_PORT = 80

export const metadata = (name: string): Manifest['metadata'] => ({ name, labels: { ...LABELS } })
export const serviceName = (pool: string): string => dnsLabel(pool)

const isLocal = (host: string): boolean => host.startsWith('127.') || host === '::1'

/** A pool as a Service without a selector, with the addresses of its backends; a single name as an ExternalName. */
export function poolManifests(pool: PoolEntry, omissions: Omissions): Manifest[] {
  const name = serviceName(pool.name)
  const where = `pool '${pool.name}'`
  const addressed = pool.backends.filter(({ host }) => isIP(host) !== 0 && !host.includes('%'))
  const named = pool.backends.filter(({ host }) => isIP(host) === 0 && HOST_NAME.test(host.toLowerCase()))
  const unusable = pool.backends.filter((backend) => !addressed.includes(backend) && !named.includes(backend))
  for (const { id } of unusable)
    omissions.add(`backend '${id}'`, 'host', 'not an address or name that Kubernetes takes; it is left out')
  if (addressed.some(({ host }) => isLocal(host)))
    omissions.add(
      where,
      'loopback addresses',
      'Kubernetes allows none in an EndpointSlice; replace the slice by a selector of your pods',
    )
  if (pool.backends.some(({ weight = 1 }) => weight !== (pool.backends[0]!.weight ?? 1)))
    omissions.add(where, 'weights of backends', 'endpoints of a Service are used alike')
  const [only] = named
  if (addressed.length === 0 && only !== undefined) {
    for (const { id } of named.slice(1))
      omissions.add(`backend '${id}'`, 'host', 'a Service has one external name; this backend is left out')
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata(name),
        spec: { type: 'ExternalName', externalName: only.host.toLowerCase(), ports: [port(only.port)] },
      },
    ]
  }
  for (const { id } of named)
    omissions.add(`backend '${id}'`, 'host', 'an EndpointSlice has addresses only; this backend is left out')
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec: { ports: [port(SERVICE_PORT)] } },
    ...slices(name, addressed),
  ]
}

const port = (number: number) => ({ name: PORT_NAME, protocol: 'TCP', port: number })

/** One slice has one kind of address and one port. */
function slices(service: string, backends: readonly BackendEntry[]): Manifest[] {
  const groups = Map.groupBy(
    backends.filter(({ host }) => !isLocal(host)),
    ({ host, port: number }) => `${isIPv4(host) ? 'IPv4' : 'IPv6'} ${number}`,
  )
  return [...groups].flatMap(([key, group]) => {
    const [addressType, number] = key.split(' ')
    return Array.from({ length: Math.ceil(group.length / MAX_ENDPOINTS) }, (_, at) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: dnsLabel(`${service} ${key} ${at}`, ''),
        labels: {
          ...LABELS,
          'kubernetes.io/service-name': service,
          'endpointslice.kubernetes.io/managed-by': 'millrace',
        },
      },
      addressType: addressType!,
      ports: [port(Number(number))],
      endpoints: group.slice(at * MAX_ENDPOINTS, (at + 1) * MAX_ENDPOINTS).map(({ host, state, zone }) => ({
        addresses: [host],
        // Whether it answers is found out anew: what is down now must not stay so.
        conditions: { ready: state !== 'draining' },
        ...(zone === undefined ? {} : { zone }),
      })),
    }))
  })
}

/** The port that a route names: that of an external name is the backend's own. */
export function servicePort({ pools }: GatewayTable, name: string): number {
  const pool = pools.find((one) => one.name === name)
  const backends = pool?.backends ?? []
  if (backends.some(({ host }) => isIP(host) !== 0 && !host.includes('%'))) return SERVICE_PORT
  return backends.find(({ host }) => HOST_NAME.test(host.toLowerCase()))?.port ?? SERVICE_PORT
}

/** What no standard resource of Kubernetes says about pools. */
export function omitPoolSettings(pool: PoolEntry, fallback: BalanceAlgorithm, omissions: Omissions): void {
  const balance = pool.balance ?? fallback
  const where = `pool '${pool.name}'`
  const omit = (what: string, why = 'no standard resource says it; see your controller’s own'): void =>
    omissions.add(where, what, why)
  if (balance !== 'round-robin') omit(`balance ${balance}`)
  if (pool.sticky !== undefined) omit(`sticky ${pool.sticky.kind}`)
  if (pool.breaker !== undefined) omit('breaker')
  if (pool.outlier !== undefined) omit('outlier')
  if (pool.rateLimit !== undefined) omit('rateLimit')
  if (pool.backends.some(({ maxConnections }) => maxConnections !== undefined)) omit('maxConnections')
}
