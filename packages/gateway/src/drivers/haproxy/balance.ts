import type { BalanceAlgorithm, EngineConfig } from '../../config.ts'
import type { PoolEntry } from '../driver.ts'

/**
 * HAProxy's algorithm for ours; undefined where it has none. All are dynamic: weights change and servers come and go while it
 * runs.
 */
const BALANCE: Record<BalanceAlgorithm, readonly string[] | undefined> = {
  'round-robin': ['balance roundrobin'],
  'weighted-round-robin': ['balance roundrobin'],
  weighted: ['balance roundrobin'],
  'least-connections': ['balance leastconn'],
  'ip-hash': ['balance hash var(txn.client),ipmask(32,64)', 'hash-type consistent djb2 avalanche'],
  'two-choices': ['balance random(2)'],
  // It measures response times, but balances by none of them.
  'least-response-time': undefined,
}

/** Sessions by address take the place of the pool's own. */
export const balanceOf = ({ balance, sticky }: PoolEntry, config: EngineConfig): BalanceAlgorithm =>
  sticky?.kind === 'ip' ? 'ip-hash' : (balance ?? config.balance)

export const balanceLines = (algorithm: BalanceAlgorithm): readonly string[] | undefined => BALANCE[algorithm]

const MAX_WEIGHT = 256

/**
 * Weights as HAProxy has them: whole numbers up to 256, of which 0 would be none. In proportion to each other, with the
 * largest at 256 unless they are whole and small already.
 */
export function wholeWeights(weights: readonly number[]): number[] {
  if (weights.every((weight) => Number.isInteger(weight) && weight <= MAX_WEIGHT)) return [...weights]
  const largest = Math.max(...weights)
  return weights.map((weight) => Math.max(1, Math.round((weight / largest) * MAX_WEIGHT)))
}
