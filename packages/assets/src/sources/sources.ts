import { createHash } from 'node:crypto'
import { MillraceError, type Clock, type Logger } from '@millrace/core'
import { LRUCache } from 'lru-cache'
import { assetsErrors } from '../errors.ts'
import { readFacts, type ImageFacts } from '../images/facts.ts'
import { contentHash } from '../images/optimizer.ts'
import { SOURCE_FORMATS, type SourceFormat } from '../images/sniff.ts'
import type { AssetsInstruments } from '../metrics.ts'
import { Flights } from '../server/flights.ts'
import type { WorkQueue } from '../server/work-queue.ts'
import type { DiskStore } from '../store/disk-store.ts'
import type { StoredRecord } from '../store/record.ts'
import { displayed, type FetchedSource, type SourceFetcher, type Validators } from './fetcher.ts'
import type { ResolvedSource } from './resolve.ts'

/** What is remembered of a source, so that a stored result can be found without fetching it again. */
export interface SourceRecord extends Validators {
  /** SHA-256 of its bytes. */
  hash: string
  facts: ImageFacts
  /** Milliseconds since the epoch; later than that its server is asked whether it changed. */
  freshUntil: number
  /** How long its server says that it is fresh; undefined when it says nothing. */
  maxAgeMs?: number
}

export interface LoadedSource {
  record: SourceRecord
  bytes: Buffer
}

export interface SourcesOptions {
  fetcher: SourceFetcher
  disk: DiskStore
  /** Bounds how many sources are held in memory while they arrive. */
  queue: WorkQueue
  metrics: AssetsInstruments
  clock: Clock
  logger: Logger
  maxPixels: number
  memoryBytes: number
  ttlMs: number
}

/** An origin that is away is asked again after this long; until then what is known is used. */
const RETRY_MS = 10_000
/** A source that is missing or no image is not fetched again for this long. */
const REFUSAL_MS = 10_000
const MAX_TTL_MS = 86_400_000

export class Sources {
  readonly #options: SourcesOptions
  readonly #records = new LRUCache<string, SourceRecord>({ max: 10_000 })
  readonly #refusals = new LRUCache<string, { error: MillraceError; until: number }>({ max: 1_000 })
  readonly #bytes: LRUCache<string, Buffer>
  readonly #flights = new Flights<LoadedSource | SourceRecord>()

  constructor(options: SourcesOptions) {
    this.#options = options
    this.#bytes = new LRUCache({
      maxSize: options.memoryBytes,
      sizeCalculation: (bytes) => bytes.byteLength + 1,
    })
  }

  /** The source as of now, or as last known where its server is away. @throws as `SourceFetcher.fetch`, `readFacts` */
  async describe(source: ResolvedSource): Promise<SourceRecord> {
    const known = await this.#known(source.url.href)
    if (known !== undefined && this.#options.clock.now() < known.freshUntil) return known
    this.#throwRefusal(source.url.href)
    const found = await this.#flights.run(`describe ${source.url.href}`, () => this.#refresh(source, known))
    return found as SourceRecord
  }

  /** The bytes; their record, which differs from `known` when the source changed meanwhile. */
  async load(source: ResolvedSource, known: SourceRecord): Promise<LoadedSource> {
    const bytes = this.#bytes.get(known.hash)
    if (bytes !== undefined) return { record: known, bytes }
    const found = await this.#flights.run(`load ${source.url.href}`, async () => {
      const fetched = await this.#fetch(source, {})
      return this.#accept(source, fetched, this.#needBody(fetched, source))
    })
    return found as LoadedSource
  }

  async #refresh(source: ResolvedSource, known: SourceRecord | undefined): Promise<SourceRecord> {
    try {
      const fetched = await this.#fetch(source, known ?? {})
      if (fetched.body === undefined && known !== undefined) {
        const { maxAgeMs = known.maxAgeMs } = fetched
        const freshUntil = this.#freshUntil(maxAgeMs)
        return await this.#remember(source, {
          ...known,
          freshUntil,
          ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
        })
      }
      const { record } = await this.#accept(source, fetched, this.#needBody(fetched, source))
      return record
    } catch (error) {
      const failed = error instanceof MillraceError && error.status >= 500
      if (known === undefined || !failed) throw error
      this.#options.logger.warn(
        { err: error, url: source.url.href },
        'source cannot be checked, used as known',
      )
      const renewed = { ...known, freshUntil: this.#options.clock.now() + RETRY_MS }
      this.#records.set(source.url.href, renewed)
      return renewed
    }
  }

  async #accept(source: ResolvedSource, fetched: FetchedSource, bytes: Buffer): Promise<LoadedSource> {
    const { etag, lastModified, contentType, maxAgeMs } = fetched
    const facts = await readFacts(bytes, { maxPixels: this.#options.maxPixels, contentType }).catch(
      (error: unknown) => this.#refuse(source, error),
    )
    const record: SourceRecord = {
      hash: contentHash(bytes),
      facts,
      freshUntil: this.#freshUntil(maxAgeMs),
      ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    }
    this.#bytes.set(record.hash, bytes)
    return { record: await this.#remember(source, record), bytes }
  }

  async #fetch(source: ResolvedSource, validators: Validators): Promise<FetchedSource> {
    const { clock, fetcher, metrics, queue } = this.#options
    return queue.run(async () => {
      const startedAt = clock.monotonic()
      let result = 'failed'
      try {
        const fetched = await fetcher.fetch(source, validators)
        result = fetched.body === undefined ? 'not_modified' : 'fetched'
        return fetched
      } catch (error) {
        return this.#refuse(source, error)
      } finally {
        metrics.fetchDuration.with({ result }).record((clock.monotonic() - startedAt) / 1_000)
      }
    })
  }

  #needBody({ body }: FetchedSource, source: ResolvedSource): Buffer {
    if (body !== undefined) return body
    throw assetsErrors.SOURCE_FAILED({
      src: displayed(source),
      reason: 'its server answered 304 to a plain request',
    })
  }

  /** Remembers what asking again at once would not change. */
  #refuse(source: ResolvedSource, error: unknown): never {
    if (error instanceof MillraceError && error.status < 500) {
      this.#refusals.set(source.url.href, { error, until: this.#options.clock.monotonic() + REFUSAL_MS })
    }
    throw error
  }

  #throwRefusal(url: string): void {
    const refusal = this.#refusals.get(url)
    if (refusal !== undefined && this.#options.clock.monotonic() < refusal.until) throw refusal.error
  }

  #freshUntil(maxAgeMs: number | undefined): number {
    const ttlMs = Math.min(maxAgeMs ?? this.#options.ttlMs, MAX_TTL_MS)
    return this.#options.clock.now() + ttlMs
  }

  async #known(url: string): Promise<SourceRecord | undefined> {
    const record = this.#records.get(url)
    if (record !== undefined) return record
    const stored = await this.#options.disk.read(recordKey(url))
    const read = stored === undefined ? undefined : fromStored(stored)
    if (read !== undefined) this.#records.set(url, read)
    return read
  }

  async #remember({ url }: ResolvedSource, record: SourceRecord): Promise<SourceRecord> {
    this.#records.set(url.href, record)
    await this.#options.disk.write(recordKey(url.href), toStored(record))
    return record
  }
}

const recordKey = (url: string): string => createHash('sha256').update(`source ${url}`).digest('hex')

const toStored = ({ hash, facts, freshUntil, maxAgeMs, etag, lastModified }: SourceRecord): StoredRecord => ({
  facts: {
    ...facts,
    hash,
    freshUntil,
    maxAgeMs: maxAgeMs ?? null,
    etag: etag ?? null,
    lastModified: lastModified ?? null,
  },
  body: Buffer.alloc(0),
})

/** The store has checked that these are the facts that were written. */
function fromStored({ facts: f }: StoredRecord): SourceRecord | undefined {
  const format = SOURCE_FORMATS.find((format) => format === f.format) as SourceFormat | undefined
  if (format === undefined || typeof f.hash !== 'string') return undefined
  return {
    hash: f.hash,
    freshUntil: Number(f.freshUntil),
    facts: {
      format,
      width: Number(f.width),
      height: Number(f.height),
      pages: Number(f.pages),
      hasAlpha: f.hasAlpha === true,
      bytes: Number(f.bytes),
    },
    ...(typeof f.maxAgeMs === 'number' ? { maxAgeMs: f.maxAgeMs } : {}),
    ...(typeof f.etag === 'string' ? { etag: f.etag } : {}),
    ...(typeof f.lastModified === 'string' ? { lastModified: f.lastModified } : {}),
  }
}
