export interface PendingPurge {
  what: 'key' | 'url'
  name: string
  attempts: number
  /** How many purges had been accepted when this one failed first: others accepted since means it is to blame. */
  acceptedAtFailure: number
}

/** What is to be purged, each once, in the order in which it was asked for. */
export class PurgeList {
  readonly #max: number
  readonly #pending = new Map<string, PendingPurge>()
  #all = false

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#pending.size + (this.#all ? 1 : 0)
  }

  get all(): boolean {
    return this.#all
  }

  /** False: there were too many, and everything is to be purged in their place. */
  add(purge: PendingPurge): boolean {
    // Everything will go; what is asked for before that has begun is part of it.
    if (this.#all) return true
    const id = `${purge.what} ${purge.name}`
    if (!this.#pending.has(id)) this.#pending.set(id, purge)
    if (this.#pending.size <= this.#max) return true
    this.addAll()
    return false
  }

  addAll(): void {
    this.#pending.clear()
    this.#all = true
  }

  clear(): void {
    this.#pending.clear()
    this.#all = false
  }

  takeAll(): boolean {
    const all = this.#all
    this.#all = false
    return all
  }

  /** Purges of one kind, at most so many, oldest first. */
  take(limits: Record<PendingPurge['what'], number>): PendingPurge[] {
    const taken: PendingPurge[] = []
    for (const [id, purge] of this.#pending) {
      if (taken.length > 0 && purge.what !== taken[0]!.what) continue
      if (taken.length >= limits[purge.what]) break
      this.#pending.delete(id)
      taken.push(purge)
    }
    return taken
  }
}
