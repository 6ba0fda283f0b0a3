import type { Follower, Notice, SharedStore } from '../drivers/driver.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { CacheInstruments } from '../metrics.ts'
import { ALL, type InvalidatedPatterns } from './validity.ts'

export interface FollowOptions {
  store: SharedStore
  tier: MemoryTier
  patterns: InvalidatedPatterns
  instruments: CacheInstruments
  /** After each batch of notices. */
  applied: () => void
}

/** Applies to this process's memory what other processes invalidate. */
export class NoticeFollower implements Follower {
  readonly #options: FollowOptions
  #connected = false

  constructor(options: FollowOptions) {
    this.#options = options
    options.instruments.followerUp.set(0)
  }

  get connected(): boolean {
    return this.#connected
  }

  onNotices(notices: readonly Notice[]): void {
    const { store, patterns, applied } = this.#options
    for (const { origin, version, what } of notices) {
      // Our own had their effect when they were asked for, and once more when the store had taken them: what was read
      // in between is gone. What was set since must not go with it.
      if (origin === store.origin) continue
      if (what.kind === 'pattern') {
        patterns.add(what.pattern, version)
        this.#options.tier.dropPattern(what.pattern)
      } else if (what.kind === 'keys') for (const key of what.keys) this.#dropKey(key)
      else for (const name of what.names) this.#applyStamp(name)
    }
    applied()
  }

  onEarlierPatterns(notices: readonly Notice[]): void {
    for (const { version, what } of notices) {
      if (what.kind === 'pattern') this.#options.patterns.add(what.pattern, version)
    }
  }

  onGap(): void {
    const { tier, instruments, applied } = this.#options
    instruments.followerGaps.add()
    tier.suspect()
    applied()
  }

  onConnection(connected: boolean): void {
    this.#connected = connected
    this.#options.instruments.followerUp.set(connected ? 1 : 0)
  }

  #dropKey(key: string): void {
    const colon = key.indexOf(':')
    if (colon > 0) this.#options.tier.dropKey(key.slice(0, colon), key.slice(colon + 1))
  }

  #applyStamp(name: string): void {
    const { tier } = this.#options
    if (name === ALL) tier.dropAll()
    else if (name.startsWith('n:')) tier.dropAll(name.slice(2))
    else if (name.startsWith('t:')) tier.log.invalidate(name.slice(2))
  }
}
