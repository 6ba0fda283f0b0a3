import type { Follower, Version } from './driver.ts'
import type { MemoryServer } from './memory-server.ts'

/** Delivers the notices of a memory server to one follower, never from inside the call that caused them. */
export class MemoryFollower {
  readonly #server: MemoryServer
  readonly #follower: Follower
  readonly #unwatch: () => void
  #position: Version
  #connected: boolean | undefined
  #scheduled = false
  /** Whether anything was told yet. */
  #begun = false
  #ended = false

  constructor(server: MemoryServer, follower: Follower) {
    this.#server = server
    this.#follower = follower
    this.#position = server.version
    this.#unwatch = server.watch(() => this.#schedule())
    this.#schedule()
  }

  end(): void {
    this.#ended = true
    this.#unwatch()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      if (!this.#ended) this.#deliver()
    })
  }

  #deliver(): void {
    const { available } = this.#server
    if (available !== this.#connected) {
      this.#connected = available
      this.#follower.onConnection(available)
    }
    if (!available) return
    const notices = this.#server.noticesAfter(this.#position)
    this.#position = this.#server.version
    if (notices === undefined || !this.#begun) this.#follower.onEarlierPatterns?.(this.#server.patterns())
    this.#begun = true
    if (notices === undefined) this.#follower.onGap()
    else if (notices.length > 0) this.#follower.onNotices(notices)
  }
}
