import { cacheErrors } from '../errors.ts'
import { Adaptive } from './adaptive.ts'
import type { EvictionLimits, EvictionPolicy } from './eviction.ts'
import { Lru } from './lru.ts'
import { S3Fifo } from './s3-fifo.ts'
import { Sieve } from './sieve.ts'
import { WTinyLfu } from './w-tinylfu.ts'

export const EVICTION_POLICIES = {
  adaptive: (limits) => new Adaptive(limits),
  's3-fifo': (limits) => new S3Fifo(limits),
  'w-tinylfu': (limits) => new WTinyLfu(limits),
  sieve: () => new Sieve(),
  lru: () => new Lru(),
} as const satisfies Record<string, (limits: EvictionLimits) => EvictionPolicy>

export type EvictionPolicyName = keyof typeof EVICTION_POLICIES

/** A policy by name, or one of your own. */
export type EvictionChoice = EvictionPolicyName | ((limits: EvictionLimits) => EvictionPolicy)

/** @throws CACHE_OPTION_INVALID */
export function choosePolicy(choice: EvictionChoice, limits: EvictionLimits): EvictionPolicy {
  if (typeof choice === 'function') return choice(limits)
  if (Object.hasOwn(EVICTION_POLICIES, choice)) return EVICTION_POLICIES[choice](limits)
  const accepted = `${Object.keys(EVICTION_POLICIES).join(', ')}, or a function of the limits`
  throw cacheErrors.OPTION_INVALID({ field: 'eviction', value: choice, accepted })
}
