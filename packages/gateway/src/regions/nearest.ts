import type { Backend } from '../pools/backend.ts'
import type { BackendPool } from '../pools/pool.ts'

/** The region of a backend in a pool of regions: `shop@us`. */
export const regionOf = ({ id }: Backend): string => id.slice(id.lastIndexOf('@') + 1)

/** The region of a pool that its next request goes to; undefined: none can take one. */
export function nearestOf({ ready }: BackendPool, now: number): string | undefined {
  let nearest: Backend | undefined
  for (const backend of ready) {
    if (backend.available(now) && (nearest === undefined || backend.weight > nearest.weight))
      nearest = backend
  }
  return nearest && regionOf(nearest)
}
