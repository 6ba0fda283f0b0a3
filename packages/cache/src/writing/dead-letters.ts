import { readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { cacheErrors } from '../errors.ts'
import { messageOf } from './delivery.ts'
import type { PendingWrite } from './entry.ts'
import { AppendFile, syncDirectory, type Durability } from './journal/append-file.ts'
import { encodeRecord, encodeSequences, RECORD_KINDS } from './journal/record.ts'
import { replaySegments } from './journal/replay.ts'

/** A write that the origin would not take, however often it was tried. */
export interface DeadLetter {
  /** Also names it in `retry` and `discard`. */
  sequence: number
  token: string
  id: string
  operation: 'set' | 'delete'
  value: unknown
  /** When it was accepted, and when it was given up; milliseconds since the epoch. */
  at: number
  diedAt: number
  attempts: number
  error: string
}

export const deadLetter = (
  { sequence, id, operation, value, at, attempts }: PendingWrite,
  death: { token: string; diedAt: number; error: unknown },
): DeadLetter => ({
  sequence,
  id,
  operation,
  value,
  at,
  attempts,
  token: death.token,
  diedAt: death.diedAt,
  error: messageOf(death.error),
})

const NAME = 'dead-letters'

/** What cannot be read must not be written anew as if there were nothing. */
async function readLetters(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return Buffer.alloc(0)
    throw cacheErrors.JOURNAL_UNWRITABLE({ file, reason: code ?? message }, error)
  }
}

/** Dead letters in one file, which is written anew when it is opened. */
export class DeadLetters {
  readonly #file: AppendFile
  readonly #letters: Map<number, DeadLetter>
  readonly #max: number
  readonly #seal: number
  #writing: Promise<void> = Promise.resolve()

  private constructor(
    file: AppendFile,
    letters: Map<number, DeadLetter>,
    { max, seal }: { max: number; seal: number },
  ) {
    this.#file = file
    this.#letters = letters
    this.#max = max
    this.#seal = seal
  }

  /** The folder is locked already. */
  static async open(
    directory: string,
    { durability, max, seal }: { durability: Durability; max: number; seal: number },
  ): Promise<DeadLetters> {
    const path = join(directory, NAME)
    const bytes = await readLetters(path)
    const { entries } = replaySegments([[path, bytes]], seal)
    const letters = new Map(
      entries.map(({ sequence, payload }) => [sequence, deserialize(payload) as DeadLetter]),
    )
    await rm(`${path}.new`, { force: true })
    const file = await AppendFile.create(`${path}.new`, durability)
    try {
      const records = entries.map((entry) => encodeRecord({ kind: RECORD_KINDS.entry, ...entry }, seal))
      await file.append(Buffer.concat(records))
      await rename(`${path}.new`, path)
      if (durability === 'disk') await syncDirectory(dirname(path))
    } catch (error) {
      await file.close()
      throw error
    }
    return new DeadLetters(file, letters, { max, seal })
  }

  get size(): number {
    return this.#letters.size
  }

  has(sequence: number): boolean {
    return this.#letters.has(sequence)
  }

  list(): DeadLetter[] {
    return [...this.#letters.values()]
  }

  /** False when there is no room, or the disk takes nothing. */
  async add(letter: DeadLetter): Promise<boolean> {
    if (this.#letters.size >= this.#max) return false
    try {
      await this.#append(
        encodeRecord(
          { kind: RECORD_KINDS.entry, sequence: letter.sequence, payload: serialize(letter) },
          this.#seal,
        ),
      )
    } catch {
      return false
    }
    this.#letters.set(letter.sequence, letter)
    return true
  }

  get(sequence: number): DeadLetter | undefined {
    return this.#letters.get(sequence)
  }

  /** @throws CACHE_JOURNAL_UNWRITABLE: it is still there */
  async remove(sequence: number): Promise<void> {
    await this.#append(
      encodeRecord(
        { kind: RECORD_KINDS.settled, sequence, payload: encodeSequences([sequence]) },
        this.#seal,
      ),
    )
    this.#letters.delete(sequence)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  #append(record: Buffer): Promise<void> {
    const appended = this.#writing.then(() => this.#file.append(record))
    this.#writing = appended.catch(() => undefined)
    return appended
  }
}
