import { z } from 'zod'
import type { DiscoveredBackend } from '../source.ts'

/** What is read of the answer of `GET /v1/health/service/:service`; whatever else is there may be. */
export const serviceEntries = z.array(
  z.object({
    Node: z.object({ Address: z.string() }),
    Service: z.object({
      Address: z.string().default(''),
      Port: z.int().min(0).max(65_535),
      Weights: z.object({ Passing: z.number(), Warning: z.number() }).nullish(),
    }),
    Checks: z.array(z.object({ Status: z.string() })).nullish(),
  }),
)

/** Consul takes none above it. */
const MAX_WEIGHT = 65_535

export type ServiceEntry = z.output<typeof serviceEntries>[number]

/**
 * A service without an address of its own is at its node's. One of whose checks is critical gets nothing, one with a warning its
 * weight for that, as Consul's own DNS does. A port of 0 says that there is none.
 */
export function backendsOf(entries: readonly ServiceEntry[]): DiscoveredBackend[] {
  return entries.flatMap(({ Node, Service, Checks }) => {
    const states = new Set((Checks ?? []).map(({ Status }) => Status))
    const { Passing = 1, Warning = 1 } = Service.Weights ?? {}
    const weight = Math.min(states.has('warning') ? Warning : Passing, MAX_WEIGHT)
    const host = Service.Address === '' ? Node.Address : Service.Address
    if (states.has('critical') || weight <= 0 || Service.Port === 0 || host === '') return []
    return [{ host, port: Service.Port, weight }]
  })
}
