import { rmSync, writeFileSync } from 'node:fs'
import { waitFor } from '@millrace/testing'
import type { Platform } from '../support/platform.ts'

export interface Done {
  scaled: number
  killed: number
  promoted: number
  rolledBack: number
  restarted: number
  reloads: number
}

interface SplitStatus {
  splits: { canary?: { state: string } }[]
}

const SPLIT = 'release'

/** Everything that happens to a gateway in a busy year, in minutes. */
export class Upheaval {
  readonly #platform: Platform
  readonly #brokenFile: string
  readonly done: Done = { scaled: 0, killed: 0, promoted: 0, rolledBack: 0, restarted: 0, reloads: 0 }

  constructor(platform: Platform, brokenFile: string) {
    this.#platform = platform
    this.#brokenFile = brokenFile
  }

  async act<Result>(capability: string, action: string, input: object): Promise<Result> {
    const body = JSON.stringify(input)
    const route = `/api/${capability}/actions/${action}`
    return (await this.#platform.api<{ result: Result }>(route, { method: 'POST', body })).result
  }

  /** Adds instances, and drains and stops them again. */
  async scale(instances: number): Promise<void> {
    await this.act('scaling', 'scale', { pool: 'shop', instances })
    await this.#settled('shop', instances)
    this.done.scaled++
  }

  async restart(): Promise<void> {
    await this.act('scaling', 'restart', { pool: 'shop' })
    this.done.restarted++
  }

  /** One instance, as the kernel does when memory is short. */
  async kill(): Promise<void> {
    const instances = (await this.#platform.components()).filter(
      ({ id, state, pid }) => id.startsWith('shop/') && state === 'ready' && pid !== undefined,
    )
    const victim = instances[Math.floor(Math.random() * instances.length)]
    if (victim === undefined || instances.length < 2) return
    process.kill(victim.pid!, 'SIGKILL')
    this.done.killed++
    await this.#settled('shop', instances.length)
  }

  async promote(): Promise<void> {
    await this.act('gateway', 'canary-start', { split: SPLIT })
    await this.#canary('promoted')
    this.done.promoted++
    await this.act('gateway', 'canary-rollback', { split: SPLIT })
  }

  async rollBack(): Promise<void> {
    await this.act('gateway', 'canary-start', { split: SPLIT })
    writeFileSync(this.#brokenFile, '')
    try {
      await this.#canary('rolled-back')
      this.done.rolledBack++
    } finally {
      rmSync(this.#brokenFile)
    }
  }

  async reload(): Promise<void> {
    await this.act('gateway', 'reload-workers', {})
    this.done.reloads++
  }

  async #canary(state: string): Promise<void> {
    await waitFor(
      async () => {
        const { splits } = await this.act<SplitStatus>('gateway', 'split-status', { split: SPLIT })
        return splits[0]?.canary?.state === state
      },
      { deadlineMs: 60_000, intervalMs: 200, what: `the canary to be ${state}` },
    )
  }

  async #settled(pool: string, instances: number): Promise<void> {
    await waitFor(
      async () => {
        const own = (await this.#platform.components()).filter(({ id }) => id.startsWith(`${pool}/`))
        return own.length === instances && own.every(({ state }) => state === 'ready')
      },
      { deadlineMs: 60_000, intervalMs: 100, what: `${instances} instances of ${pool}` },
    )
  }
}
