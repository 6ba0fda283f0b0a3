import type { CacheEntryOptions, Clock } from '@millrace/core'
import { cacheErrors } from '../errors.ts'
import type { WarmableCache, WarmLoader } from './options.ts'

export interface WarmKey extends CacheEntryOptions {
  namespace: string
  id: string
  /** Default: the loader of the namespace. */
  load?: (signal: AbortSignal) => Promise<unknown>
}

export type WarmSource = Iterable<WarmKey> | AsyncIterable<WarmKey>

export interface WarmProgress {
  loaded: number
  /** There already. */
  skipped: number
  failed: number
}

export interface WarmReport extends WarmProgress {
  /** `capacity`: the cache is as full as it may be. */
  ended: 'done' | 'capacity' | 'aborted'
  /** Of the first few that failed. */
  errors: { namespace: string; id: string; message: string }[]
}

export interface WarmKeysOptions {
  loaders: Readonly<Record<string, WarmLoader>>
  concurrency: number
  perSecond: number
  fillTo: number
  clock: Clock
  /** Ends the warming: keys under way are finished. */
  signal: AbortSignal
  onLoaded: (namespace: string, id: string) => void
  onProgress?: (progress: WarmProgress) => void
}

const MAX_ERRORS = 10

/**
 * Loads keys that nobody asked for yet, in the order of the source, at most so many at a time and per second, until the source ends, the
 * cache is full enough, or the signal is aborted. What is there is left alone; a key that fails is counted and the others
 * go on. The source is only asked for a next key when there is room for it. Rejects only when the source throws.
 */
export async function warmKeys(
  cache: WarmableCache,
  source: WarmSource,
  options: WarmKeysOptions,
): Promise<WarmReport> {
  const report: WarmReport = { loaded: 0, skipped: 0, failed: 0, ended: 'done', errors: [] }
  const { signal, clock, perSecond } = options
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  const stop = new AbortController()
  const stopped = AbortSignal.any([stop.signal, signal])
  const state = { ended: false, startAt: clock.monotonic(), turn: Promise.resolve(), asking: false }
  const abort = Promise.withResolvers<undefined>()
  stopped.addEventListener('abort', () => abort.resolve(undefined), { once: true })

  /** The next key that is to be loaded. One worker at a time: an iterator need not bear more. */
  const nextKey = async (): Promise<WarmKey | undefined> => {
    while (!state.ended) {
      if (stopped.aborted) return finish('aborted')
      if (isFull(cache, options.fillTo)) return finish('capacity')
      state.asking = true
      // A source that hangs must not keep anybody from stopping.
      const result = await Promise.race([iterator.next(), abort.promise])
      if (result === undefined) return finish('aborted')
      state.asking = false
      if (result.done === true) return finish('done')
      if (!cache.has(result.value.namespace, result.value.id)) {
        const waitMs = state.startAt - clock.monotonic()
        state.startAt = Math.max(state.startAt, clock.monotonic()) + 1_000 / perSecond
        if (waitMs >= 1) await clock.sleep(waitMs, stopped).catch(() => undefined)
        return stopped.aborted ? finish('aborted') : result.value
      }
      report.skipped++
      options.onProgress?.(progressOf(report))
    }
    return undefined
  }
  const finish = (how: WarmReport['ended']): undefined => {
    if (!state.ended) report.ended = how
    state.ended = true
  }
  const inTurn = (): Promise<WarmKey | undefined> => {
    const mine = state.turn.then(nextKey)
    state.turn = mine.then(
      () => undefined,
      () => undefined,
    )
    return mine
  }
  const work = async (): Promise<void> => {
    for (let key = await inTurn(); key !== undefined; key = await inTurn()) {
      await warmOne(cache, key, options, report)
      options.onProgress?.(progressOf(report))
    }
  }
  try {
    await Promise.all(
      Array.from({ length: options.concurrency }, () =>
        work().catch((error: unknown) => {
          stop.abort()
          throw error
        }),
      ),
    )
  } finally {
    const closed = Promise.resolve(iterator.return?.())
    // A generator that hangs is only closed once it goes on.
    if (state.asking) closed.catch(() => undefined)
    else await closed
  }
  return report
}

const isFull = (cache: WarmableCache, fillTo: number): boolean => {
  const { entries, maxEntries, bytes, maxBytes } = cache.stats()
  return entries >= maxEntries * fillTo || bytes >= maxBytes * fillTo
}

async function warmOne(
  cache: WarmableCache,
  { namespace, id, load, ...own }: WarmKey,
  { loaders, onLoaded }: WarmKeysOptions,
  report: WarmReport,
): Promise<void> {
  try {
    const loader = Object.hasOwn(loaders, namespace) ? loaders[namespace] : undefined
    const { load: loadOne, ...general } = loader ?? {}
    const run = load ?? (loadOne && ((signal: AbortSignal) => loadOne(id, signal)))
    if (run === undefined) {
      const accepted = `one for each namespace that is warmed`
      throw cacheErrors.OPTION_INVALID({ field: `loaders.${namespace}`, value: undefined, accepted })
    }
    await cache.refresh(namespace, id, run, { ...general, ...own, orNewer: true })
    report.loaded++
    onLoaded(namespace, id)
  } catch (error) {
    report.failed++
    const message = error instanceof Error ? error.message : String(error)
    if (report.errors.length < MAX_ERRORS) report.errors.push({ namespace, id, message })
  }
}

const progressOf = ({ loaded, skipped, failed }: WarmProgress): WarmProgress => ({ loaded, skipped, failed })
