import { availableParallelism } from 'node:os'
import { scalingErrors } from '../errors.ts'

/**
 * How many instances an application starts with. `auto` is one per CPU; it and the minimum yield to the bounds, a
 * number above the maximum is a contradiction in the configuration and throws SCALING_OUT_OF_BOUNDS.
 */
export function initialSize(
  pool: string,
  wanted: number | 'auto',
  { min, max, cpus = availableParallelism() }: { min: number; max: number; cpus?: number },
): number {
  if (wanted === 'auto') return Math.min(max, Math.max(min, cpus))
  if (wanted > max) throw scalingErrors.OUT_OF_BOUNDS({ pool, instances: wanted, min, max })
  return Math.max(min, wanted)
}
