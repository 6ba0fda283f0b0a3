import { backoff, systemClock, type Logger } from '@millrace/core'
import type { Cluster, Redis, RedisConnection } from '@millrace/core/redis'
import type { Follower, Notice, Version } from '../driver.ts'
import type { Keyspace } from './keyspace.ts'
import { decodeEntry, isPattern, type StreamEntry } from './notice.ts'
import { parseVersion } from './record.ts'
import { scriptsOf } from './scripts.ts'

/** How long one read waits for news. Afterwards it is checked that the log is still the one that is followed. */
const BLOCK_MS = 1_000
const BATCH = 500
/** The log holds about so many entries. */
const MAX_ENTRIES = 10_000

/**
 * Reads the log of invalidations on a connection of its own, from where it was, whatever happened in between; tells the
 * follower when the way from there to here is broken.
 */
export class RedisFollower {
  readonly #connection: RedisConnection
  readonly #client: Redis | Cluster
  readonly #keyspace: Keyspace
  readonly #follower: Follower
  readonly #logger: Logger
  readonly #ended = new AbortController()
  readonly #running: Promise<void>
  /** The last entry seen; undefined before the first look. */
  #position: Version | undefined
  #connected: boolean | undefined
  /** The log was not looked at when following began: what came in the meantime is not known. */
  #late = false
  #settleStart: () => void = () => undefined
  readonly #started = new Promise<void>((resolve) => (this.#settleStart = resolve))

  constructor(connection: RedisConnection, keyspace: Keyspace, follower: Follower, logger: Logger) {
    this.#connection = connection.duplicate({
      purpose: `cache:${keyspace.name}:follow`,
      blockingMs: BLOCK_MS,
    })
    this.#client = this.#connection.client
    this.#keyspace = keyspace
    this.#follower = follower
    this.#logger = logger
    this.#running = this.#run()
  }

  /** Resolves when the first look succeeded, or failed. */
  started(): Promise<void> {
    return this.#started
  }

  async end(): Promise<void> {
    this.#ended.abort(new Error('ended'))
    await this.#connection.close()
    await this.#running
  }

  async #run(): Promise<void> {
    const pauses = backoff({ baseMs: 100, maxMs: 2_000, jitter: 0.5 })
    while (!this.#ended.signal.aborted) {
      try {
        await this.#connection.opened()
        await this.#look()
        this.#tell(true)
        this.#settleStart()
        pauses.reset()
        for (;;) await this.#next()
      } catch (error) {
        if (this.#ended.signal.aborted) break
        this.#late ||= this.#position === undefined
        this.#tell(false)
        this.#settleStart()
        this.#logger.debug({ reason: (error as Error).message }, 'Not following the invalidations of others')
        await this.#pause(pauses.next())
      }
    }
    this.#settleStart()
  }

  /** So long, or until there is a connection again. */
  async #pause(ms: number): Promise<void> {
    const back = new AbortController()
    const unlisten = this.#connection.onReady((ready) => {
      if (ready) back.abort(new Error('connected'))
    })
    const either = AbortSignal.any([this.#ended.signal, back.signal])
    await systemClock.sleep(ms, either).catch(() => undefined)
    unlisten()
  }

  /** Where the log stands, compared with what was seen of it. */
  async #look(): Promise<void> {
    const { position, broken } = await this.#compare()
    if (this.#position === undefined || broken) await this.#tellPatterns()
    if (this.#position !== undefined ? broken : this.#late) this.#follower.onGap()
    if (this.#position === undefined || broken) this.#position = position
  }

  async #compare(): Promise<{ position: Version; broken: boolean }> {
    const { stamps, log } = this.#keyspace
    const reply = await scriptsOf(this.#client).millracePosition(2, stamps, log, this.#position ?? 0)
    const [position, broken] = reply as [string, number]
    return { position: parseVersion(position), broken: broken === 1 }
  }

  /** Those that the log still has: this process did not hear of them. */
  async #tellPatterns(): Promise<void> {
    const { log } = this.#keyspace
    const patterns: Notice[] = []
    let end = '+'
    for (let seen = 0; seen < MAX_ENTRIES; seen += BATCH) {
      const entries = (await this.#client.xrevrange(log, end, '-', 'COUNT', BATCH)) as StreamEntry[]
      for (const entry of entries.filter(isPattern)) {
        const { notice } = decodeEntry(entry)
        if (notice?.what.kind === 'pattern') patterns.unshift(notice)
      }
      if (entries.length < BATCH) break
      end = `(${entries.at(-1)![0]}`
    }
    if (patterns.length > 0) this.#follower.onEarlierPatterns?.(patterns)
  }

  async #next(): Promise<void> {
    const { log } = this.#keyspace
    const reply = await this.#client.xread(
      'COUNT',
      BATCH,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      log,
      `${this.#position!}-0`,
    )
    if (this.#ended.signal.aborted) throw new Error('ended')
    const entries = reply?.[0]?.[1] as StreamEntry[] | undefined
    if (entries === undefined || entries.length === 0) await this.#look()
    else await this.#deliver(entries)
  }

  async #deliver(entries: readonly StreamEntry[]): Promise<void> {
    let notices: Notice[] = []
    const flush = (): void => {
      if (notices.length > 0) this.#follower.onNotices(notices)
      notices = []
    }
    for (const entry of entries) {
      const { previous, version, notice } = decodeEntry(entry)
      if (previous !== this.#position || notice === undefined) {
        flush()
        await this.#tellPatterns()
        this.#follower.onGap()
        // It also raises the floor, if it was history that was lost.
        if (previous !== this.#position) await this.#compare()
      }
      this.#position = version
      if (notice !== undefined) notices.push(notice)
    }
    flush()
  }

  #tell(connected: boolean): void {
    if (connected === this.#connected) return
    this.#connected = connected
    this.#follower.onConnection(connected)
  }
}
