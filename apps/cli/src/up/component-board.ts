import type { ComponentStatus } from '@millrace/core'

type Reader = () => readonly ComponentStatus[]
type Listener = (components: ComponentStatus[]) => void

/** Collects the status of everything the supervisor runs, and tells of changes at most every 50 ms. */
export class ComponentBoard {
  readonly #readers: Reader[] = []
  readonly #listeners = new Set<Listener>()
  #timer: NodeJS.Timeout | undefined

  add(reader: Reader): void {
    this.#readers.push(reader)
    this.changed()
  }

  list(): ComponentStatus[] {
    return this.#readers.flatMap((read) => [...read()])
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const components = this.list()
      for (const listener of this.#listeners) listener(components)
    }, 50)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#listeners.clear()
  }
}
