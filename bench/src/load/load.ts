import { hasCommand } from '../pinning.ts'

export interface LoadOptions {
  connections: number
  seconds: number
  /** Put before the command: `['taskset', '-c', '1']`. */
  prefix: readonly string[]
  dir: string
}

export interface LoadResult {
  requests: number
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Non-2xx/3xx responses, and connections that failed. */
  errors: number
}

export const loadGenerator = (): 'wrk' | 'autocannon' => (hasCommand('wrk') ? 'wrk' : 'autocannon')

/** As many requests as possible over keep-alive connections for a time. */
export async function load(url: string, options: LoadOptions): Promise<LoadResult> {
  if (loadGenerator() === 'wrk') return (await import('./wrk.ts')).wrk(url, options)
  return (await import('./autocannon.ts')).cannon(url, options)
}
