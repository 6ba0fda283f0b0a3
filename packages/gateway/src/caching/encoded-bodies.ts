import { brotliCompress, constants, gzip } from 'node:zlib'
import type { EngineConfig } from '../config.ts'
import type { ContentCoding } from '../proxy/compression.ts'

interface Entry {
  /** A promise while it is being made; whoever comes meanwhile waits for the same one. */
  forms: Map<ContentCoding, Buffer | Promise<Buffer>>
  bytes: number
}

/** One body may have this share of the room, so that none takes everybody else's. */
const LARGEST_SHARE = 8

/**
 * The compressed forms of bodies that the cache answers with, so that a hit does not compress again. A body is known by
 * its identity: a cached response that is replaced has another buffer, so that nothing here can be out of date. The body
 * counts as well, because it stays in memory for as long as its forms do. The least recently used goes first.
 */
export class EncodedBodies {
  readonly #maxBytes: number
  readonly #compression: EngineConfig['compression']
  readonly #entries = new Map<Buffer, Entry>()
  bytes = 0

  constructor(maxBytes: number, compression: EngineConfig['compression']) {
    this.#maxBytes = maxBytes
    this.#compression = compression
  }

  /** Undefined: the body is too large to be kept; compress it as it is sent. */
  get(body: Buffer, coding: ContentCoding): Buffer | Promise<Buffer> | undefined {
    if (body.length > this.#maxBytes / LARGEST_SHARE) return undefined
    let entry = this.#entries.get(body)
    if (entry === undefined) {
      entry = { forms: new Map(), bytes: body.length }
      this.bytes += body.length
    } else {
      this.#entries.delete(body)
    }
    this.#entries.set(body, entry)
    const known = entry.forms.get(coding)
    return known ?? this.#make(body, coding, entry)
  }

  #make(body: Buffer, coding: ContentCoding, entry: Entry): Promise<Buffer> {
    const made = compress(body, coding, this.#compression).then(
      (form) => {
        entry.forms.set(coding, form)
        // It may have been evicted while it was made.
        if (this.#entries.get(body) === entry) {
          entry.bytes += form.length
          this.bytes += form.length
          this.#evict()
        }
        return form
      },
      (error: unknown) => {
        entry.forms.delete(coding)
        throw error
      },
    )
    entry.forms.set(coding, made)
    this.#evict()
    return made
  }

  #evict(): void {
    for (const [body, entry] of this.#entries) {
      if (this.bytes <= this.#maxBytes) return
      this.#entries.delete(body)
      this.bytes -= entry.bytes
    }
  }
}

/** On a thread of its own, unlike a stream's first chunks: it is done once, and others' requests go on meanwhile. */
function compress(
  body: Buffer,
  coding: ContentCoding,
  settings: EngineConfig['compression'],
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, form: Buffer): void => {
      if (error !== null) reject(error)
      else resolve(form)
    }
    if (coding === 'gzip') gzip(body, { level: settings.gzipLevel }, done)
    else {
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: settings.brotliLevel,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      }
      brotliCompress(body, { params }, done)
    }
  })
}
