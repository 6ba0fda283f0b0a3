import { keepWithin, touch } from './bounded.ts'

interface Heat {
  /** Reads, each counting half after `halfLifeMs`, as of `at`. */
  reads: number
  at: number
}

/** How often keys were read lately. Bounded in memory, pure; times are monotonic milliseconds. */
export class HotKeys {
  readonly #heats = new Map<string, Heat>()
  readonly #maxKeys: number
  readonly #halfLifeMs: number

  constructor(options: { maxKeys: number; halfLifeMs: number }) {
    this.#maxKeys = options.maxKeys
    this.#halfLifeMs = options.halfLifeMs
  }

  get size(): number {
    return this.#heats.size
  }

  observe(key: string, at: number): void {
    const heat = this.#heats.get(key) ?? { reads: 0, at }
    heat.reads = this.#now(heat, at) + 1
    heat.at = at
    touch(this.#heats, key, heat)
    keepWithin(this.#heats, this.#maxKeys, (heat) => this.#now(heat, at))
  }

  /** Keys with at least so many reads, the hottest first. */
  hot(minReads: number, at: number): string[] {
    const hot: { key: string; reads: number }[] = []
    for (const [key, heat] of this.#heats) {
      const reads = this.#now(heat, at)
      if (reads >= minReads) hot.push({ key, reads })
    }
    return hot.sort((a, b) => b.reads - a.reads).map(({ key }) => key)
  }

  #now({ reads, at }: Heat, now: number): number {
    return reads * 2 ** (-(now - at) / this.#halfLifeMs)
  }
}
