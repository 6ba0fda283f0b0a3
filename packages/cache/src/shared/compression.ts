import { createRequire } from 'node:module'
import type { Logger } from '@millrace/core'
import type { Compression } from '../options.ts'

/** Not worth a decompression at every read. */
const LEAST_SAVING = 0.1

export const UNCOMPRESSED = 0
const CODES = { lz4: 1, snappy: 2 } as const
type Codec = keyof typeof CODES

interface Library {
  compressSync(input: Buffer): Buffer
  uncompressSync(input: Buffer): Buffer
}

const require = createRequire(import.meta.url)
const LIBRARIES = {
  lz4: () => require('lz4-napi') as Library,
  snappy: () => require('snappy') as Library,
}

export interface Compressed {
  code: number
  bytes: Buffer
}

/**
 * LZ4 and Snappy, both in their block formats. The native packages are loaded at first use; where one cannot be, values
 * travel as they are, and those that another process compressed with it cannot be read.
 */
export class Compressor {
  readonly #choice: Compression
  readonly #aboveBytes: number
  readonly #logger: Logger
  readonly #libraries = new Map<Codec, Library | undefined>()

  constructor(options: { compression: Compression; compressAboveBytes: number; logger: Logger }) {
    this.#choice = options.compression
    this.#aboveBytes = options.compressAboveBytes
    this.#logger = options.logger
  }

  compress(bytes: Buffer): Compressed {
    const plain = { code: UNCOMPRESSED, bytes }
    if (this.#choice === 'off' || bytes.length <= this.#aboveBytes) return plain
    const smaller = this.#library(this.#choice)?.compressSync(bytes)
    if (smaller === undefined || smaller.length > bytes.length * (1 - LEAST_SAVING)) return plain
    return { code: CODES[this.#choice], bytes: smaller }
  }

  /** Throws when the bytes are not what they claim to be; never takes more memory than `rawBytes`. */
  decompress(code: number, bytes: Buffer, rawBytes: number): Buffer {
    if (code === UNCOMPRESSED) return bytes
    const codec = code === CODES.lz4 ? 'lz4' : code === CODES.snappy ? 'snappy' : undefined
    if (codec === undefined) throw new TypeError(`unknown compression ${code}`)
    // Both libraries allocate what the block says it holds before they look at it.
    const claimed = codec === 'lz4' ? bytes.readUInt32LE(0) : readVarint(bytes)
    if (claimed !== rawBytes) throw new TypeError(`compressed for ${claimed} bytes, not ${rawBytes}`)
    const library = this.#library(codec)
    if (library === undefined) throw new TypeError(`${codec} is not available`)
    const raw = library.uncompressSync(bytes)
    if (raw.length !== rawBytes) throw new TypeError(`decompressed to ${raw.length} bytes, not ${rawBytes}`)
    return raw
  }

  #library(codec: Codec): Library | undefined {
    if (this.#libraries.has(codec)) return this.#libraries.get(codec)
    let library: Library | undefined
    try {
      library = LIBRARIES[codec]()
    } catch (error) {
      this.#logger.warn({ err: error, codec }, 'values travel uncompressed: the library cannot be loaded')
    }
    this.#libraries.set(codec, library)
    return library
  }
}

/** The length before a Snappy block: seven bits per byte, the lowest first (format_description.txt of Snappy, section 1). */
function readVarint(bytes: Buffer): number {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes.readUInt8(i)
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return value
  }
  throw new TypeError('no length')
}
