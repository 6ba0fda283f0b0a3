/** A place where backends are looked up. DNS, Consul and Kubernetes are three of them. */

export interface DiscoveredBackend {
  host: string
  port: number
  /** Positive. */
  weight: number
  /** While one of a lower number can take requests, this one gets none. Default 0. */
  priority?: number
  zone?: string
  /** It finishes what it has, and gets nothing new. */
  draining?: boolean
}

export interface DiscoveryReport {
  /** The whole list as it is now. */
  found(backends: readonly DiscoveredBackend[]): void
  /** There is no answer; what was found last may still be true. */
  failed(error: unknown): void
}

export const SOURCE_KINDS = ['dns', 'consul', 'kubernetes'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export interface DiscoverySource {
  readonly kind: SourceKind
  /** What is looked up, and where: for screens and logs. */
  readonly target: string
  /** What an answer without backends means unless configured. */
  readonly whenEmpty: 'keep' | 'remove'
  /** Reports until aborted, however often it fails; resolves then. */
  follow(report: DiscoveryReport, signal: AbortSignal): Promise<void>
}
