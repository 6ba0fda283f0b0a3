import { createHash } from 'node:crypto'
import { IMAGE_FORMATS, type Clock, type ImageFormat, type ImageRequest } from '@millrace/core'
import { LRUCache } from 'lru-cache'
import { encodeImage } from '../images/encode.ts'
import { contentHash } from '../images/optimizer.ts'
import type { OptimizerSettings } from '../images/options.ts'
import { planImage, planKey, type Plan } from '../images/plan.ts'
import type { SourceFormat } from '../images/sniff.ts'
import type { AssetsInstruments } from '../metrics.ts'
import type { ResolvedSource } from '../sources/resolve.ts'
import type { SourceRecord, Sources } from '../sources/sources.ts'
import type { DiskStore } from '../store/disk-store.ts'
import type { StoredRecord } from '../store/record.ts'
import type { SharedResults } from '../store/shared-results.ts'
import { Flights } from './flights.ts'
import type { WorkQueue } from './work-queue.ts'

export interface ServedImage {
  body: Buffer
  format: ImageFormat | SourceFormat
  width: number
  height: number
  originalBytes: number
  /** Strong: the hash of the body. */
  etag: string
  result: 'memory' | 'disk' | 'shared' | 'optimized' | 'original'
}

/** A result for one source; several sources may have the same one. */
export interface FoundImage {
  image: ServedImage
  /** How long the source says that it is fresh; undefined when it says nothing. */
  maxAgeMs: number | undefined
}

export interface ImageServiceOptions {
  settings: OptimizerSettings
  /** False: originals are passed on. */
  enabled: boolean
  sources: Sources
  disk: DiskStore
  /** Undefined: results are not shared with other machines. */
  shared: SharedResults | undefined
  queue: WorkQueue
  metrics: AssetsInstruments
  clock: Clock
  memoryBytes: number
}

/** The same source may change between its description and its load; more often than this in one request is an error. */
const MAX_CHANGES = 3

/** Finds a result in memory, on disk, with another machine, or makes it: once, however many ask for it at the same time. */
export class ImageService {
  readonly #options: ImageServiceOptions
  readonly #memory: LRUCache<string, ServedImage>
  readonly #flights = new Flights<ServedImage | SourceRecord>()

  constructor(options: ImageServiceOptions) {
    this.#options = options
    this.#memory = new LRUCache({
      maxSize: options.memoryBytes,
      sizeCalculation: ({ body }) => body.byteLength + 500,
    })
  }

  /** @throws as `Sources.describe`, `planImage` and `encodeImage`; ASSETS_BUSY */
  async image(source: ResolvedSource, request: ImageRequest): Promise<FoundImage> {
    const { enabled, settings, sources } = this.#options
    let record = await sources.describe(source)
    if (!enabled) return { image: await this.#original(source, record), maxAgeMs: record.maxAgeMs }
    for (let change = 0; ; change++) {
      const plan = planImage(request, record.facts, settings)
      const key = createHash('sha256')
        .update(`${record.hash} ${planKey(plan, settings.avifEffort)}`)
        .digest('hex')
      const kept = this.#memory.get(key)
      const { maxAgeMs } = record
      if (kept !== undefined) return { image: { ...kept, result: 'memory' }, maxAgeMs }
      const found = await this.#flights.run(key, () => this.#findOrMake(key, source, record, plan))
      if ('body' in found) return { image: found, maxAgeMs }
      if (change >= MAX_CHANGES) throw new Error(`${source.url.href} changes with every request`)
      record = found
    }
  }

  async #findOrMake(
    key: string,
    source: ResolvedSource,
    record: SourceRecord,
    plan: Plan,
  ): Promise<ServedImage | SourceRecord> {
    const { disk, shared, sources } = this.#options
    const stored = fromStored(await disk.read(key), 'disk')
    const found = stored ?? fromStored(await shared?.read(key), 'shared')
    if (found !== undefined) {
      this.#memory.set(key, found)
      if (found !== stored) void disk.write(key, toStored(found))
      return found
    }
    const loaded = await sources.load(source, record)
    if (loaded.record.hash !== record.hash) return loaded.record
    const made = await this.#make(loaded.bytes, record, plan)
    this.#memory.set(key, made)
    // Not awaited: whoever asked need not wait for the disk.
    void disk.write(key, toStored(made))
    void shared?.write(key, toStored(made))
    return made
  }

  async #make(bytes: Buffer, { facts }: SourceRecord, plan: Plan): Promise<ServedImage> {
    const { clock, metrics, queue, settings } = this.#options
    const askedAt = clock.monotonic()
    const image = await queue.run(async () => {
      const startedAt = clock.monotonic()
      metrics.waitDuration.record((startedAt - askedAt) / 1_000)
      const encoded = await encodeImage(bytes, facts, plan, settings)
      const seconds = (clock.monotonic() - startedAt) / 1_000
      metrics.encodeDuration.with({ format: plan.format }).record(seconds)
      return encoded
    })
    metrics.input.add(bytes.byteLength)
    metrics.output.with({ format: plan.format }).add(image.data.byteLength)
    const { data: body, ...rest } = image
    return { ...rest, body, etag: strongTag(body), result: 'optimized' }
  }

  async #original(source: ResolvedSource, known: SourceRecord): Promise<ServedImage> {
    const { bytes, record } = await this.#options.sources.load(source, known)
    const { format, width, height } = record.facts
    const etag = `"${record.hash.slice(0, 32)}"`
    return { body: bytes, format, width, height, originalBytes: bytes.byteLength, etag, result: 'original' }
  }
}

const strongTag = (body: Buffer): string => `"${contentHash(body).slice(0, 32)}"`

const toStored = ({ body, format, width, height, originalBytes, etag }: ServedImage): StoredRecord => ({
  facts: { format, width, height, originalBytes, etag },
  body,
})

/** The store has checked that these are the facts that were written. */
function fromStored(stored: StoredRecord | undefined, result: 'disk' | 'shared'): ServedImage | undefined {
  if (stored === undefined) return undefined
  const { facts, body } = stored
  const format = IMAGE_FORMATS.find((format) => format === facts.format)
  if (format === undefined || typeof facts.etag !== 'string') return undefined
  return {
    body,
    format,
    width: Number(facts.width),
    height: Number(facts.height),
    originalBytes: Number(facts.originalBytes),
    etag: facts.etag,
    result,
  }
}
