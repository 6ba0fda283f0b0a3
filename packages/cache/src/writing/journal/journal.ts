import { randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cacheErrors } from '../../errors.ts'
import { AppendFile, makeDirectory, syncDirectory, type Durability } from './append-file.ts'
import { lockDirectory, type DirectoryLock } from './lock.ts'
import { encodeRecord, encodeSequences, RECORD_KINDS } from './record.ts'
import { replaySegments, type JournalEntry, type Replay } from './replay.ts'

export interface JournalOptions {
  /** Belongs to one writer; made when it is missing. */
  directory: string
  durability: Durability
  /** A new file is begun when one is larger. */
  segmentBytes: number
  /** The payload of an entry that is not settled, to copy it forward when its file is the last thing that keeps old files. */
  payloadOf: (sequence: number) => Buffer | undefined
}

interface Segment {
  file: string
  bytes: number
  live: number
}

interface Waiting {
  sequence: number
  record: Buffer
  done: PromiseWithResolvers<void>
}

/** Old files are kept for their live entries until they are so many times larger than the newest may be. */
const MAX_SEGMENTS = 4

/**
 * An append-only journal of entries and of what became of them, in numbered files. An entry is acknowledged when its
 * record is as safe as `durability` says; all that wait meanwhile share the next write (group commit). A file goes when
 * neither it nor an older one holds anything that is not settled.
 */
export class Journal {
  /** Of this journal for all time, with every sequence number unique below it. */
  readonly id: string
  /** Of its records, see `encodeRecord`. */
  readonly seal: number
  readonly #options: JournalOptions
  readonly #lock: DirectoryLock
  readonly #segments: Segment[]
  readonly #segmentOf = new Map<number, Segment>()
  #current: AppendFile | undefined
  #group: Waiting[] = []
  #settled: number[] = []
  #writing: Promise<void> | undefined
  #last: number
  /** Of the newest file. The first is 1, and a number is never used again. */
  #number: number
  #closed = false

  private constructor(options: JournalOptions, lock: DirectoryLock, replay: Replay) {
    this.id = replay.id ?? randomUUID()
    this.seal = replay.seal ?? randomBytes(4).readUInt32BE()
    this.#options = options
    this.#lock = lock
    this.#last = replay.last
    this.#number = Number(basename(replay.segments.at(-1)?.file ?? '0', '.journal'))
    this.#segments = replay.segments.map(({ file, bytes }) => ({ file, bytes, live: 0 }))
    for (const { sequence, segment } of replay.entries) this.#place(sequence, this.#segments[segment]!)
  }

  /**
   * Locks the folder and reads what is pending in it, oldest first.
   * @throws CACHE_JOURNAL_LOCKED, CACHE_JOURNAL_UNWRITABLE
   */
  static async open(options: JournalOptions): Promise<{ journal: Journal; replay: Replay }> {
    await makeDirectory(options.directory)
    const lock = lockDirectory(options.directory)
    try {
      const names = (await readdir(options.directory)).filter((name) => name.endsWith('.journal')).sort()
      const files = names.map((name) => join(options.directory, name))
      const replay = replaySegments(
        await Promise.all(files.map(async (file) => [file, await readFile(file)])),
      )
      const journal = new Journal(options, lock, replay)
      await journal.#begin()
      await journal.#removeSettled()
      return { journal, replay }
    } catch (error) {
      lock.release()
      throw error
    }
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get files(): number {
    return this.#segments.length
  }

  /**
   * Resolves when the entry is safe.
   * @throws CACHE_JOURNAL_UNWRITABLE: it was not taken. CACHE_CLOSED
   */
  append({ sequence, payload }: JournalEntry): Promise<void> {
    if (this.#closed) return Promise.reject(cacheErrors.CLOSED({ name: this.#options.directory }))
    if (sequence > this.#last) this.#last = sequence
    const done = Promise.withResolvers<void>()
    const record = encodeRecord({ kind: RECORD_KINDS.entry, sequence, payload }, this.seal)
    this.#group.push({ sequence, record, done })
    this.#write()
    return done.promise
  }

  /** These have arrived and are never replayed. Written with the next group; a disk that is full is tried again. */
  settle(sequences: readonly number[]): void {
    this.supersede(sequences)
    this.#write()
  }

  /** These were replaced by a later entry of their key that is safe. Written with the next group, which is soon enough. */
  supersede(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      this.#settled.push(sequence)
      const segment = this.#segmentOf.get(sequence)
      if (segment !== undefined) segment.live--
      this.#segmentOf.delete(sequence)
    }
  }

  /** Waits for what is being written, and gives the folder back. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#settled.length > 0) this.#write()
    while (this.#writing !== undefined) await this.#writing
    await this.#removeSettled()
    await this.#current?.close()
    this.#lock.release()
  }

  #place(sequence: number, segment: Segment): void {
    const before = this.#segmentOf.get(sequence)
    if (before !== undefined) before.live--
    segment.live++
    this.#segmentOf.set(sequence, segment)
  }

  #write(): void {
    this.#writing ??= this.#writeGroups().finally(() => {
      this.#writing = undefined
      if (this.#group.length > 0) this.#write()
    })
  }

  async #writeGroups(): Promise<void> {
    // Whatever was asked for in this turn of the loop goes with the first group.
    await Promise.resolve()
    while (this.#group.length > 0 || this.#settled.length > 0) {
      const group = this.#group
      const settled = this.#settled
      this.#group = []
      this.#settled = []
      try {
        await this.#append(group, settled)
      } catch (error) {
        for (const { done } of group) done.reject(error)
        this.#settled = [...settled, ...this.#settled]
        // What has arrived is written down with the next entry, or when the journal is closed: not in a busy loop.
        if (this.#group.length === 0) return
      }
    }
  }

  async #append(group: readonly Waiting[], settled: readonly number[]): Promise<void> {
    if (this.#segments.at(-1)!.bytes >= this.#options.segmentBytes) await this.#rotate()
    const parts = group.map(({ record }) => record)
    if (settled.length > 0) {
      const payload = encodeSequences(settled)
      parts.push(encodeRecord({ kind: RECORD_KINDS.settled, sequence: this.#last, payload }, this.seal))
    }
    const segment = await this.#extend(parts)
    for (const { sequence, done } of group) {
      this.#place(sequence, segment)
      done.resolve()
    }
    if (settled.length > 0) await this.#removeSettled()
  }

  async #extend(records: readonly Buffer[]): Promise<Segment> {
    const file = this.#current!
    await file.append(Buffer.concat(records))
    const segment = this.#segments.at(-1)!
    segment.bytes = file.size
    return segment
  }

  async #begin(): Promise<void> {
    // Whatever becomes of it: what is left of one that failed must not stand in the way of the next.
    const name = `${String(++this.#number).padStart(10, '0')}.journal`
    const current = await AppendFile.create(join(this.#options.directory, name), this.#options.durability)
    const payload = Buffer.from(JSON.stringify({ id: this.id, seal: this.seal }))
    try {
      await current.append(encodeRecord({ kind: RECORD_KINDS.header, sequence: this.#last, payload }))
    } catch (error) {
      await current.close()
      await rm(current.file, { force: true })
      throw error
    }
    // All of it is on the disk already.
    await this.#current?.close().catch(() => undefined)
    this.#current = current
    this.#segments.push({ file: current.file, bytes: current.size, live: 0 })
  }

  /** Begins a file, and copies forward what alone keeps many old ones. */
  async #rotate(): Promise<void> {
    await this.#begin()
    await this.#removeSettled()
    if (this.#segments.length <= MAX_SEGMENTS) return
    const oldest = this.#segments[0]!
    const sequences = [...this.#segmentOf].filter(([, segment]) => segment === oldest).map(([entry]) => entry)
    const records = sequences.flatMap((sequence) => {
      const payload = this.#options.payloadOf(sequence)
      return payload === undefined
        ? []
        : [encodeRecord({ kind: RECORD_KINDS.entry, sequence, payload }, this.seal)]
    })
    const segment = await this.#extend(records)
    for (const sequence of sequences) this.#place(sequence, segment)
    await this.#removeSettled()
  }

  /** From the oldest on only: a later file says what became of entries in an earlier one. */
  async #removeSettled(): Promise<void> {
    let removed = false
    while (this.#segments.length > 1 && this.#segments[0]!.live === 0) {
      await rm(this.#segments.shift()!.file, { force: true })
      removed = true
    }
    if (removed && this.#options.durability === 'disk') await syncDirectory(this.#options.directory)
  }
}
