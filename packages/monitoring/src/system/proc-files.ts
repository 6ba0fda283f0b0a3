import { closeSync, openSync, readSync } from 'node:fs'

/** Text of small kernel files, over descriptors that stay open: half the cost of opening them each time. */
export class ProcFiles {
  readonly #descriptors = new Map<string, number | undefined>()
  readonly #buffer = Buffer.allocUnsafe(64 * 1_024)

  /** Undefined where the file does not exist, as on other systems or under another cgroup version. */
  read(path: string): string | undefined {
    if (!this.#descriptors.has(path)) this.#descriptors.set(path, open(path))
    const descriptor = this.#descriptors.get(path)
    if (descriptor === undefined) return undefined
    try {
      return this.#buffer.toString('latin1', 0, readSync(descriptor, this.#buffer, 0, this.#buffer.length, 0))
    } catch {
      return undefined
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) if (descriptor !== undefined) closeSync(descriptor)
    this.#descriptors.clear()
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}
