import type { Answer, DecodedPacket } from 'dns-packet'
import { bareName } from './dns-client.ts'

export interface Addresses {
  addresses: string[]
  /** The smallest on the way there; undefined: nothing was found. */
  ttlSeconds: number | undefined
}

export interface Service {
  priority: number
  weight: number
  port: number
  target: string
}

/** RFC 2181, 8: a TTL with the highest bit set is 0. */
const seconds = (ttl: number | undefined): number => (ttl === undefined || ttl > 0x7fff_ffff ? 0 : ttl)

const lowest = (ttls: readonly number[]): number | undefined =>
  ttls.length === 0 ? undefined : Math.min(...ttls)

/** Aliases that lead further than this lead in a circle. */
const MAX_ALIASES = 16

/** The addresses of a name among records, aliases (CNAME) followed. */
export function addressesOf(records: readonly Answer[], name: string, type: 'A' | 'AAAA'): Addresses {
  const ttls: number[] = []
  let at = bareName(name)
  for (let hop = 0; hop < MAX_ALIASES; hop++) {
    const alias = records.find((record) => record.type === 'CNAME' && bareName(record.name) === at)
    if (alias?.type !== 'CNAME') break
    ttls.push(seconds(alias.ttl))
    at = bareName(alias.data)
  }
  const addresses = records.flatMap((record) => {
    if (record.type !== type || bareName(record.name) !== at) return []
    ttls.push(seconds(record.ttl))
    return record.data
  })
  if (addresses.length === 0) return { addresses, ttlSeconds: undefined }
  return { addresses: [...new Set(addresses)].toSorted(), ttlSeconds: lowest(ttls) }
}

/** SRV records of an answer (RFC 2782). A target of `.` says that the service is not there. */
export function servicesOf(answer: DecodedPacket): { services: Service[]; ttlSeconds: number | undefined } {
  const ttls: number[] = []
  const services = (answer.answers ?? []).flatMap((record): Service[] => {
    if (record.type !== 'SRV') return []
    ttls.push(seconds(record.ttl))
    const { priority = 0, weight = 0, port, target } = record.data
    return target === '.' || target === '' || port === 0 ? [] : [{ priority, weight, port, target }]
  })
  return { services, ttlSeconds: lowest(ttls) }
}

/** How long the answer that there is nothing holds (RFC 2308, 5); undefined: it does not say. */
export function negativeTtl(answer: DecodedPacket): number | undefined {
  for (const record of answer.authorities ?? []) {
    if (record.type === 'SOA') return Math.min(seconds(record.ttl), record.data.minimum ?? 0)
  }
  return undefined
}

/**
 * A weight of 0 means "hardly ever" beside others, and nothing where all have it (RFC 2782); weights here are positive.
 */
export function positiveWeights(services: readonly Service[]): number[] {
  const weighted = services.some(({ weight }) => weight > 0)
  return services.map(({ weight }) => (weighted ? Math.max(1, weight * 10) : 1))
}
