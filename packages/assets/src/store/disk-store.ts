import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock, Logger } from '@millrace/core'
import { decodeRecord, encodeRecord, type StoredRecord } from './record.ts'
import { occupied, scanFolder } from './scan.ts'

export interface DiskStoreOptions {
  /** Created when absent; belongs to the store alone. */
  folder: string
  /** Of all files, in whole blocks of 4 KiB; what was not used for longest leaves first. */
  maxBytes: number
  clock: Clock
  logger: Logger
}

export interface DiskStoreState {
  entries: number
  bytes: number
  /** Why writing is suspended at present. */
  failure?: string
}

/** After a failed write, this long nothing is written. */
const RETRY_MS = 30_000
/** The time of last use is written to the file's mtime at most this often, so that it survives a restart. */
const TOUCH_MS = 3_600_000

/** A full disk or quota: the store gives back a tenth, so that it can go on, and the database too. */
const FULL = new Set(['ENOSPC', 'EDQUOT'])
const GIVEN_BACK = 0.9

/** 64 hexadecimal digits. */
const KEY = /^[0-9a-f]{64}$/

/**
 * Results on disk, one file each, named by a hash of what they are the result of. Files appear by rename, carry the hash
 * of their content, and are checked on every read: one that is torn or damaged is removed and counts as absent, so no
 * fsync is needed. A disk that is full or read-only makes the store a miss for a while, never an error.
 */
export class DiskStore {
  readonly #options: DiskStoreOptions
  /** In order of last use. */
  readonly #files = new Map<string, { bytes: number; touchedAt: number }>()
  readonly #writing = new Set<Promise<void>>()
  /** The last change of a file that is under way: changes of one file wait for one another. */
  readonly #changing = new Map<string, Promise<void>>()
  #bytes = 0
  #failure: { reason: string; until: number } | undefined

  private constructor(options: DiskStoreOptions) {
    this.#options = options
  }

  /** Reads what is there. A folder that cannot be used gives a store that keeps nothing and says so. */
  static async open(options: DiskStoreOptions): Promise<DiskStore> {
    const store = new DiskStore(options)
    try {
      await mkdir(join(options.folder, 'tmp'), { recursive: true })
      for (const { key, bytes, usedAt } of await scanFolder(options.folder)) {
        store.#files.set(key, { bytes, touchedAt: usedAt })
        store.#bytes += bytes
      }
      await store.#makeRoom()
    } catch (error) {
      store.#fail(error)
    }
    return store
  }

  state(): DiskStoreState {
    const failure = this.#failing()
    return { entries: this.#files.size, bytes: this.#bytes, ...(failure === undefined ? {} : { failure }) }
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const known = this.#files.get(key)
    if (known === undefined) return undefined
    const record = await readFile(this.#file(key)).then(decodeRecord, () => undefined)
    // Evicted or replaced while it was read: what was read is whole all the same.
    if (record !== undefined) {
      if (this.#files.get(key) === known) this.#touch(key, known)
      return record
    }
    if (this.#files.get(key) === known) {
      this.#options.logger.warn({ key }, 'a stored result was damaged and is made again')
      await this.#drop(key)
    }
    return undefined
  }

  /** Resolves when it is on disk, or when it is clear that it will not be. Never rejects. */
  write(key: string, record: StoredRecord): Promise<void> {
    if (!KEY.test(key)) return Promise.reject(new TypeError(`Not a key: ${key}`))
    if (this.#failing() !== undefined) return Promise.resolve()
    const writing = this.#write(key, encodeRecord(record)).finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
    return writing
  }

  /** Waits for writes in progress. */
  async close(): Promise<void> {
    await Promise.all(this.#writing)
  }

  async #write(key: string, content: Buffer): Promise<void> {
    const bytes = occupied(content.byteLength)
    if (bytes > this.#options.maxBytes) return
    const file = this.#file(key)
    const temporary = join(this.#options.folder, 'tmp', randomBytes(12).toString('hex'))
    try {
      // Somebody may have emptied the folder, and it may not have been writable at the start.
      await mkdir(dirname(temporary), { recursive: true })
      await writeFile(temporary, content, { flag: 'wx' })
      await this.#change(key, async () => {
        await mkdir(dirname(file), { recursive: true })
        await rename(temporary, file)
        this.#bytes += bytes - (this.#files.get(key)?.bytes ?? 0)
        this.#files.delete(key)
        this.#files.set(key, { bytes, touchedAt: this.#options.clock.now() })
      })
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      this.#fail(error)
      if (FULL.has((error as NodeJS.ErrnoException).code ?? ''))
        await this.#makeRoom(this.#bytes * GIVEN_BACK)
      return
    }
    this.#failure = undefined
    await this.#makeRoom()
  }

  async #makeRoom(limit = this.#options.maxBytes): Promise<void> {
    for (const key of this.#files.keys()) {
      if (this.#bytes <= limit) return
      await this.#drop(key)
    }
  }

  async #drop(key: string): Promise<void> {
    const known = this.#files.get(key)
    if (known === undefined) return
    this.#files.delete(key)
    this.#bytes -= known.bytes
    await this.#change(key, async () => {
      // Written again in the meantime: the file is the new one's.
      if (!this.#files.has(key)) await rm(this.#file(key), { force: true })
    }).catch((error: unknown) => this.#fail(error))
  }

  /** Runs after every earlier change of this file has ended, whatever came of it. */
  #change(key: string, run: () => Promise<void>): Promise<void> {
    const earlier = this.#changing.get(key) ?? Promise.resolve()
    const change = earlier.then(run, run).finally(() => {
      if (this.#changing.get(key) === change) this.#changing.delete(key)
    })
    this.#changing.set(key, change)
    return change
  }

  #touch(key: string, known: { bytes: number; touchedAt: number }): void {
    this.#files.delete(key)
    this.#files.set(key, known)
    const now = this.#options.clock.now()
    if (now - known.touchedAt < TOUCH_MS) return
    known.touchedAt = now
    utimes(this.#file(key), now / 1_000, now / 1_000).catch(() => undefined)
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (this.#failure === undefined) this.#options.logger.warn({ reason }, 'results cannot be kept on disk')
    this.#failure = { reason, until: this.#options.clock.monotonic() + RETRY_MS }
  }

  #failing(): string | undefined {
    return this.#failure !== undefined && this.#options.clock.monotonic() < this.#failure.until
      ? this.#failure.reason
      : undefined
  }

  #file(key: string): string {
    return join(this.#options.folder, key.slice(0, 2), key)
  }
}
