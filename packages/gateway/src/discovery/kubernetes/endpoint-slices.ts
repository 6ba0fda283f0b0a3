import { z } from 'zod'
import type { KubernetesSettings } from './access.ts'
import type { DiscoveredBackend } from '../source.ts'

/** What is read of an EndpointSlice (discovery.k8s.io/v1). Go writes empty lists as null. */
export const endpointSlice = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string().optional() }),
  addressType: z.string(),
  endpoints: z
    .array(
      z.object({
        addresses: z.array(z.string()),
        conditions: z
          .object({
            ready: z.boolean().nullish(),
            serving: z.boolean().nullish(),
            terminating: z.boolean().nullish(),
          })
          .nullish(),
        zone: z.string().nullish(),
        hints: z.object({ forZones: z.array(z.object({ name: z.string() })).nullish() }).nullish(),
      }),
    )
    .nullish(),
  ports: z
    .array(
      z.object({
        name: z.string().nullish(),
        port: z.int().min(1).max(65_535).nullish(),
        protocol: z.string().nullish(),
      }),
    )
    .nullish(),
})

export const endpointSliceList = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(endpointSlice).nullish(),
})

export type EndpointSlice = z.output<typeof endpointSlice>
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

interface Candidate {
  backend: DiscoveredBackend
  zones: string[] | undefined
}

/**
 * The backends of all slices of a service. An endpoint may stand in two slices while it moves from one to the other: ready in one
 * of them is ready. Throws an Error when it is not clear which port is meant.
 */
export function backendsOf(
  slices: Iterable<EndpointSlice>,
  { port, zone }: Pick<KubernetesSettings, 'port' | 'zone'>,
): DiscoveredBackend[] {
  const candidates = new Map<string, Candidate>()
  for (const slice of slices) {
    const endpoints = slice.endpoints ?? []
    const number = endpoints.length === 0 ? undefined : portOf(slice, port)
    if (number === undefined) continue
    for (const endpoint of endpoints) {
      const state = stateOf(endpoint)
      // "Clients may choose to only use the first element": all addresses of an endpoint are the same pod.
      const [host] = endpoint.addresses
      if (state === undefined || host === undefined) continue
      const key = `${host} ${number}`
      if (state === 'draining' && candidates.has(key)) continue
      candidates.set(key, {
        backend: {
          host,
          port: number,
          weight: 1,
          ...(endpoint.zone ? { zone: endpoint.zone } : {}),
          ...(state === 'draining' ? { draining: true } : {}),
        },
        zones: endpoint.hints?.forZones?.map(({ name }) => name),
      })
    }
  }
  return inZone([...candidates.values()], zone)
}

/**
 * Unset is to be read as ready; a pod that ends finishes what it has as long as it serves (`ready` is false for it then).
 */
function stateOf({ conditions }: Endpoint): 'ready' | 'draining' | undefined {
  const { ready, serving, terminating } = conditions ?? {}
  if (terminating ?? false) return (serving ?? ready ?? true) ? 'draining' : undefined
  return (ready ?? true) ? 'ready' : undefined
}

function portOf({ ports, metadata }: EndpointSlice, wanted: KubernetesSettings['port']): number | undefined {
  if (typeof wanted === 'number') return wanted
  const tcp = (ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
  const matching = wanted === undefined ? tcp : tcp.filter(({ name }) => name === wanted)
  if (matching.length > 1) {
    const names = matching.map(({ name }) => name ?? '').join(', ')
    throw new Error(`${metadata.name} has the ports ${names}: set discover.kubernetes.port to one of them`)
  }
  // A slice without that port belongs to pods that do not have it.
  return matching[0]?.port ?? undefined
}

/**
 * As kube-proxy reads topology hints: where each endpoint has some and one is for this zone, only those for it are used.
 */
function inZone(candidates: readonly Candidate[], zone: string | undefined): DiscoveredBackend[] {
  const ready = candidates.filter(({ backend }) => !backend.draining)
  const hinted =
    zone !== undefined &&
    ready.every(({ zones }) => zones !== undefined && zones.length > 0) &&
    ready.some(({ zones }) => zones!.includes(zone))
  return candidates.flatMap(({ backend, zones }) =>
    hinted && !backend.draining && !zones!.includes(zone) ? [] : backend,
  )
}
