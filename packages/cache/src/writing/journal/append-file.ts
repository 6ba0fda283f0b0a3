import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { cacheErrors } from '../../errors.ts'

/**
 * `disk`: what is acknowledged survives a power failure (fdatasync before each acknowledgement, one for all writes that
 * wait at that moment). `process`: it survives the end of the process, however it ends, but not of the machine.
 */
export type Durability = 'disk' | 'process'

/** A file that grows by whole appends or not at all. One append at a time. */
export class AppendFile {
  readonly file: string
  readonly #handle: FileHandle
  readonly #durability: Durability
  #size = 0
  /** An append failed and what it left behind could not be cut off. */
  #dirty = false

  private constructor(file: string, handle: FileHandle, durability: Durability) {
    this.file = file
    this.#handle = handle
    this.#durability = durability
  }

  /** @throws CACHE_JOURNAL_UNWRITABLE; the file must not exist */
  static async create(file: string, durability: Durability): Promise<AppendFile> {
    try {
      const handle = await open(file, 'wx', 0o600)
      try {
        if (durability === 'disk') await syncDirectory(dirname(file))
        return new AppendFile(file, handle, durability)
      } catch (error) {
        await handle.close()
        throw error
      }
    } catch (error) {
      throw unwritable(file, error)
    }
  }

  get size(): number {
    return this.#size
  }

  /**
   * Resolves when the bytes are as safe as promised. A failure leaves the file as it was, so that nothing that was refused
   * comes back after a restart, as far as the disk still obeys.
   * @throws CACHE_JOURNAL_UNWRITABLE
   */
  async append(bytes: Buffer): Promise<void> {
    try {
      if (this.#dirty) await this.#cut()
      for (let written = 0; written < bytes.length;) {
        const result = await this.#handle.write(bytes, written, bytes.length - written, this.#size + written)
        written += result.bytesWritten
      }
      if (this.#durability === 'disk') await this.#handle.datasync()
      this.#size += bytes.length
    } catch (error) {
      this.#dirty = true
      await this.#cut().catch(() => undefined)
      throw unwritable(this.file, error)
    }
  }

  async #cut(): Promise<void> {
    await this.#handle.truncate(this.#size)
    this.#dirty = false
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** @throws CACHE_JOURNAL_UNWRITABLE */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unwritable(directory, error)
  }
}

/** A new name is only safe once its folder is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unwritable(file: string, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  return cacheErrors.JOURNAL_UNWRITABLE({ file, reason: code ?? message }, error)
}
