import { randomUUID } from 'node:crypto'
import type { Clock } from '@millrace/core'
import type { SharedStore } from '../drivers/driver.ts'
import type { Budget } from './budget.ts'
import type { Guard } from './guard.ts'

/** How often a lease is extended in its time: two attempts may fail. */
const EXTENSIONS = 3
/** Locks that could not be given back. */
const MAX_STUCK = 1_000

export interface Lease {
  release(): void
}

interface Held extends Lease {
  key: string
  token: string
  /** Whether the load is still worth waiting for. */
  isCurrent: () => boolean
}

/**
 * Who loads a value for all processes: a lock in the shared store that falls when its holder is not heard of for `leaseMs`.
 * It only saves work. That a value is right never depends on it.
 */
export class Leases {
  readonly #store: SharedStore
  readonly #guard: Guard
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #held = new Set<Held>()
  /** By key, the token under which a lock may still be ours. */
  readonly #stuck = new Map<string, string>()
  #stopExtending: (() => void) | undefined

  constructor(options: { store: SharedStore; guard: Guard; clock: Clock; leaseMs: number }) {
    this.#store = options.store
    this.#guard = options.guard
    this.#clock = options.clock
    this.#leaseMs = options.leaseMs
  }

  /** `busy`: another one loads. Undefined: the store could not be asked. */
  async acquire(key: string, isCurrent: () => boolean, budget: Budget): Promise<Lease | 'busy' | undefined> {
    const token = this.#stuck.get(key) ?? randomUUID()
    const answer = await this.#guard.run('lock', () => this.#store.lock(key, token, this.#leaseMs), budget)
    if (answer === undefined) {
      // It may have been taken although no answer came.
      this.#unlock(key, token)
      return undefined
    }
    this.#stuck.delete(key)
    if (!answer.value) return 'busy'
    const held: Held = { key, token, isCurrent, release: () => this.#release(held) }
    this.#held.add(held)
    if (!isCurrent()) {
      // Invalidated while the answer was on its way: nobody waits for what it would load.
      this.#release(held)
      return undefined
    }
    const everyMs = this.#leaseMs / EXTENSIONS
    this.#stopExtending ??= this.#clock.every(everyMs, () => this.#extend())
    return held
  }

  /** After an invalidation: whoever asks now need not wait for a load that began before it. */
  releaseOutdated(): void {
    for (const held of this.#held) if (!held.isCurrent()) this.#release(held)
  }

  releaseAll(): void {
    for (const held of this.#held) this.#release(held)
  }

  #release(held: Held): void {
    if (!this.#held.delete(held)) return
    this.#stopIfIdle()
    this.#unlock(held.key, held.token)
  }

  /** When it fails, the lock falls by itself; until then the same token gets it again. */
  #unlock(key: string, token: string): void {
    this.#stuck.set(key, token)
    if (this.#stuck.size > MAX_STUCK) this.#stuck.delete(this.#stuck.keys().next().value!)
    void this.#guard
      .run('unlock', () => this.#store.unlock(key, token))
      .then((answer) => {
        if (answer !== undefined && this.#stuck.get(key) === token) this.#stuck.delete(key)
      })
  }

  #extend(): void {
    for (const held of this.#held) {
      void this.#guard
        .run('extend', () => this.#store.extend(held.key, held.token, this.#leaseMs))
        .then((answer) => {
          // Fallen meanwhile: somebody else may hold it, which is no reason to stop loading.
          if (answer?.value === false) this.#held.delete(held)
          this.#stopIfIdle()
        })
    }
  }

  #stopIfIdle(): void {
    if (this.#held.size > 0) return
    this.#stopExtending?.()
    this.#stopExtending = undefined
  }
}
