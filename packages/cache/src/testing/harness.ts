import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Follower, Notice, SharedStore, Version } from '../drivers/driver.ts'

/** What a driver under test is made with. */
export interface DriverSettings {
  keyspace: string
  origin?: string
  tombstoneMs?: number
  maxStamps?: number
  maxNotices?: number
}

/** What the suite needs beside drivers. Everything is called with the keyspaces of the suite only. */
export interface DriverHarness {
  /** A driver, not connected yet. All drivers of one keyspace share what they hold. */
  driver(settings: DriverSettings): SharedStore
  /** Lets so much time pass, if the clock of the store has to be told. A real clock needs nothing: the suite polls. */
  elapse(ms: number): Promise<void>
  /** The wall clock of the store, in milliseconds. */
  now(): number
  /** Forgets everything, records too. */
  flush(keyspace: string): Promise<void>
  /** Forgets stamps and log, and keeps the records. */
  loseHistory(keyspace: string): Promise<void>
  /** Takes the store away from every driver, and brings it back with what it held. */
  away?: { disconnect(): void | Promise<void>; reconnect(): void | Promise<void> }
  stop(): Promise<void>
}

/** Notes down what a follower is told. */
export class Recorder implements Follower {
  readonly notices: Notice[] = []
  readonly earlier: Notice[] = []
  gaps = 0
  connected: boolean | undefined

  onNotices(notices: readonly Notice[]): void {
    this.notices.push(...notices)
  }

  onEarlierPatterns(notices: readonly Notice[]): void {
    this.earlier.push(...notices)
  }

  onGap(): void {
    this.gaps++
  }

  onConnection(connected: boolean): void {
    this.connected = connected
  }

  get versions(): Version[] {
    return this.notices.map(({ version }) => version)
  }
}

/** One keyspace per test, and every driver closed after it. */
export class Bench {
  #harness: DriverHarness | undefined
  #keyspace = ''
  #open: SharedStore[] = []

  constructor(start: () => Promise<DriverHarness>) {
    beforeAll(async () => {
      this.#harness = await start()
    })
    afterEach(async () => {
      await Promise.all(this.#open.splice(0).map((store) => store.close()))
      this.#keyspace = ''
    })
    afterAll(() => this.#harness?.stop())
  }

  get harness(): DriverHarness {
    return this.#harness!
  }

  get keyspace(): string {
    if (this.#keyspace === '') this.#keyspace = `suite-${randomUUID().slice(0, 8)}`
    return this.#keyspace
  }

  make(settings: Partial<DriverSettings> = {}): SharedStore {
    const store = this.harness.driver({ keyspace: this.keyspace, ...settings })
    this.#open.push(store)
    return store
  }

  async connect(settings: Partial<DriverSettings> = {}): Promise<SharedStore> {
    const store = this.make(settings)
    await store.connect()
    return store
  }

  async follow(settings: Partial<DriverSettings> = {}): Promise<Recorder & { store: SharedStore }> {
    const store = await this.connect(settings)
    const recorder = new Recorder()
    await store.follow(recorder)
    await eventually(() => {
      if (recorder.connected !== true) throw new Error('It does not follow yet')
    })
    return Object.assign(recorder, { store })
  }
}

/** Polls until the check passes. */
export async function eventually(check: () => unknown, timeoutMs = 10_000): Promise<void> {
  await expect.poll(async () => attempt(check), { timeout: timeoutMs, interval: 10 }).toBe('passed')
}

async function attempt(check: () => unknown): Promise<string> {
  try {
    await check()
    return 'passed'
  } catch (error) {
    return (error as Error).message
  }
}

/** A record with a payload of that text. */
export const record = (
  key: string,
  version: Version,
  text = key,
  ttlMs = 60_000,
): { key: string; version: Version; payload: Buffer; ttlMs: number } => ({
  key,
  version,
  payload: Buffer.from(text),
  ttlMs,
})

/** The payloads as text, undefined where there is none. */
export async function texts(store: SharedStore, ...keys: string[]): Promise<(string | undefined)[]> {
  const { records } = await store.read(keys, [])
  return records.map((found) => found?.payload.toString())
}

/** The last version that was issued. */
export const versionOf = async (store: SharedStore): Promise<Version> => (await store.stamps([])).version
