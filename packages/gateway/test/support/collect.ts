import type { DiscoveredBackend, DiscoverySource } from '../../src/discovery/source.ts'

/** Follows a source and keeps what it reports, until stopped. */
export class Collector {
  readonly found: (readonly DiscoveredBackend[])[] = []
  readonly failures: string[] = []
  readonly #aborter = new AbortController()
  #done: Promise<void> = Promise.resolve()

  follow(source: DiscoverySource): this {
    this.#done = source.follow(
      {
        found: (backends) => void this.found.push(backends),
        failed: (error) => void this.failures.push(error instanceof Error ? error.message : String(error)),
      },
      this.#aborter.signal,
    )
    return this
  }

  /** `10.0.0.1:80 10.0.0.2:80` of the last report. */
  get last(): string {
    return (this.found.at(-1) ?? []).map(({ host, port }) => `${host}:${port}`).join(' ')
  }

  async stop(): Promise<void> {
    this.#aborter.abort()
    await this.#done
  }
}
