import type { ApplicationDiscover, Clock } from '@millrace/core'
import { gatewayErrors } from '../errors.ts'
import { ConsulSource } from './consul/consul-source.ts'
import { parseServer } from './dns/dns-client.ts'
import { DnsSource } from './dns/dns-source.ts'
import { apiServer, type PodEnvironment } from './kubernetes/access.ts'
import { KubernetesSource } from './kubernetes/kubernetes-source.ts'
import type { DiscoverySource } from './source.ts'

/** The source that an application names. Throws GATEWAY_DISCOVER_INVALID for what only this machine can tell is wrong. */
export function createSource(
  application: string,
  { dns, consul, kubernetes }: ApplicationDiscover,
  clock: Clock,
  pod: PodEnvironment = {},
): DiscoverySource {
  const refuse = (field: string, reason: string) =>
    gatewayErrors.DISCOVER_INVALID({ application, field, reason })
  if (dns !== undefined) {
    for (const server of dns.servers ?? []) {
      if (parseServer(server) === undefined) {
        throw refuse(
          'dns.servers',
          `'${server}' is not an address such as 10.0.0.2, 10.0.0.2:5353 or [fd00::2]:53`,
        )
      }
    }
    return new DnsSource(dns, clock)
  }
  if (consul !== undefined) return new ConsulSource(consul, clock, pod.variables ?? process.env)
  if (kubernetes === undefined) throw refuse('', 'names no source; accepted are dns, consul and kubernetes')
  const origin = apiServer(kubernetes, pod)
  if (origin === undefined) {
    throw refuse('kubernetes.address', 'is needed outside of a cluster (KUBERNETES_SERVICE_HOST is not set)')
  }
  return new KubernetesSource(kubernetes, origin, clock, pod)
}
