/**
 * A position in the history of a keyspace: a larger one is later. It is issued by the store and is what makes "an
 * invalidation while the loader runs is never lost" true across processes: a value carries the version that was
 * current before its load began, and counts as stale once one of its stamps is later. 0 is before everything.
 *
 * A hybrid logical clock (Kulkarni et al., 2014): at least the store's time in microseconds and at least one more
 * than the last, so that it goes on forward after a fail-over that lost the last writes. Exact in a double.
 */
export type Version = number

/** What is stored under a key; the store does not look into the payload. */
export interface SharedRecord {
  version: Version
  /** At least one byte. */
  payload: Buffer
}

export interface SharedWrite extends SharedRecord {
  key: string
  /** Until the record is removed, fresh or not. */
  ttlMs: number
}

/** Validity of everything that was read, in one command. */
export interface Stamps {
  /** The last version issued. */
  version: Version
  /** Records older than this are stale, whatever their stamps say: the store forgot what happened before. */
  floor: Version
  /** For each name asked for, when it was last invalidated; 0: never. */
  stamps: readonly Version[]
}

export interface SharedRead extends Stamps {
  /** In the order of the keys. A tombstone is undefined. */
  records: readonly (SharedRecord | undefined)[]
}

/** What became stale. Every form is delivered to every process that follows the store. */
export type Invalidation =
  | { kind: 'keys'; keys: readonly string[] }
  /** Stamp names: tags, and the markers of namespaces and of the whole keyspace, which make `clear` O(1). */
  | { kind: 'stamps'; names: readonly string[] }
  /** A glob over keys; the records themselves are removed by `sweep`. */
  | { kind: 'pattern'; pattern: string }

export interface Notice {
  version: Version
  /** Of the process that asked for it, as given to the driver; a process may ignore its own. */
  origin: string
  what: Invalidation
}

export interface Follower {
  /** In order of version, every one since the last call or since `follow`. */
  onNotices(notices: readonly Notice[]): void
  /**
   * Patterns of before that, as far as the log reaches back: when following begins, and before a gap is told. Whoever
   * swept their records may not have finished, or may have died.
   */
  onEarlierPatterns?(notices: readonly Notice[]): void
  /**
   * Notices were missed and cannot be had again: the connection was away for longer than the log reaches back, or the
   * store lost its history. Whatever is held in memory may be stale.
   */
  onGap(): void
  /** Whether notices arrive at present. Called on every change. */
  onConnection(connected: boolean): void
}

/**
 * A store that several processes share: the second tier, and the way in which they hear of each other's
 * invalidations. Every method may be called at any time, connected or not, and rejects at once when the store cannot
 * be reached; the caller adds time limits and a circuit breaker, so a driver never retries and never queues.
 * Implementations pass the suite of `@millrace/cache/testing`.
 */
export interface SharedStore {
  /** For logs and metrics: `redis`, `memory`. */
  readonly name: string
  /** Stands in the notices of what this driver invalidated: those, its process knows already. */
  readonly origin: string
  /**
   * True: it carries notices and keeps no records. It is asked for none then and given none, and nobody waits for a load
   * of another process.
   */
  readonly recordless?: boolean
  /** Connects; rejects when the settings cannot be right. A server that is away is no error: it is looked for from then on. */
  connect(): Promise<void>
  /** Records and stamps, in one round trip to each server concerned. */
  read(keys: readonly string[], stampNames: readonly string[]): Promise<SharedRead>
  /** The stamps alone, in one command. */
  stamps(names: readonly string[]): Promise<Stamps>
  /**
   * Writes each record unless what stands there, a tombstone included, has a later version. False: it was not
   * written for that reason. Rejects with CACHE_STORE_FULL when there is no room, which says nothing about the rest:
   * reads and invalidations go on.
   */
  write(records: readonly SharedWrite[]): Promise<boolean[]>
  /**
   * Issues a version, and makes what is named stale for every reader from the moment it resolves; followers are told.
   * `keys` leaves a tombstone for `tombstoneMs` in each place, so that a load that began earlier is not written.
   */
  invalidate(what: Invalidation): Promise<Version>
  /**
   * Removes the records whose key matches, in small steps that do not block the server; tombstones stay. Returns how many.
   * Rejects with the signal's reason.
   */
  sweep(pattern: string, signal: AbortSignal): Promise<number>
  /** Keys of records that match, at most `limit`, and whether there are more. Looks at `maxScanned` keys, about, at most. */
  list(
    pattern: string,
    options: { limit: number; maxScanned: number },
  ): Promise<{ keys: string[]; more: boolean }>
  /** True when the lock is ours now, also when it was before. It falls when `ttlMs` passes without `extend`. */
  lock(key: string, token: string, ttlMs: number): Promise<boolean>
  /** False when the lock is no longer ours. */
  extend(key: string, token: string, ttlMs: number): Promise<boolean>
  unlock(key: string, token: string): Promise<void>
  /** Begins to deliver notices; returns how to end it. One follower per driver. */
  follow(follower: Follower): Promise<() => Promise<void>>
  /** Round trip, for health. */
  ping(): Promise<{ usedBytes: number; maxBytes: number | null; servers: number }>
  /** Ends connections; calls under way reject. */
  close(): Promise<void>
}

/** The pattern language of `sweep`, `list` and pattern notices is that of `../glob.ts`: `*`, `?`, and `\` before one of them. */
