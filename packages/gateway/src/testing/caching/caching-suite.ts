import type { IncomingMessage, ServerResponse } from 'node:http'
import { silentLogger, type HttpCacheFactory } from '@millrace/core'
import { MetricRegistry } from '@millrace/core/metrics'
import { afterEach, beforeEach, describe } from 'vitest'
import type { CacheStats } from '../../drivers/driver.ts'
import type { GatewayOptions } from '../../drivers/node.ts'
import { Fixture, type CreateEngine } from '../fixture.ts'
import { answersPart } from './answers.ts'
import { attacksPart } from './attacks.ts'
import { collapsingPart } from './collapsing.ts'
import { failuresPart } from './failures.ts'
import { privacyPart } from './privacy.ts'
import { purgingPart } from './purging.ts'
import { recordingPart } from './recording.ts'
import { sessionsPart } from './sessions.ts'
import { splittingPart } from './splitting.ts'

type Listener = (req: IncomingMessage, res: ServerResponse) => unknown

/** An engine with a cache and one backend. */
export class CachingFixture extends Fixture {
  readonly #createHttpCache: HttpCacheFactory

  constructor(create: CreateEngine, createHttpCache: HttpCacheFactory) {
    super(create)
    this.#createHttpCache = createHttpCache
  }

  /** Starts the engine with a cache in front of `port`. `cache`: options of the cache. */
  async startCaching(port: number, cache: object = {}, options: GatewayOptions = {}): Promise<void> {
    const registry = new MetricRegistry()
    const httpCache = await this.#createHttpCache(cache, {
      instance: 'test/1',
      logger: silentLogger,
      registry,
    })
    await this.start(port, { registry, httpCache, ...options })
  }

  /** A backend and the engine with a cache before it. */
  async serve(listener: Listener, cache: object = {}, options: GatewayOptions = {}): Promise<void> {
    await this.startCaching(await this.backend((req, res) => void listener(req, res)), cache, options)
  }

  async cacheStats(): Promise<CacheStats> {
    return (await this.engine.stats()).cache!
  }
}

/** A part of the suite: tests that use the fixture of the moment. */
export type CachingSuitePart = (fixture: () => CachingFixture) => void

const PARTS: Record<string, CachingSuitePart> = {
  'answers from the cache': answersPart,
  'asks the application once': collapsingPart,
  'records what passes': recordingPart,
  'survives an application that fails': failuresPart,
  purges: purgingPart,
  'never gives a visitor what is another’s': privacyPart,
  'stands up to visitors': attacksPart,
  'knows nothing of sessions': sessionsPart,
  'keeps parts of a split apart': splittingPart,
}

/** What every engine must do with every HTTP cache, on real sockets: `cachingSuite('node', createGateway, createHttpCache)`. */
export function cachingSuite(name: string, create: CreateEngine, createHttpCache: HttpCacheFactory): void {
  describe(`gateway engine ${name} with a cache`, () => {
    let fixture: CachingFixture
    beforeEach(() => {
      fixture = new CachingFixture(create, createHttpCache)
    })
    afterEach(() => fixture.close())
    describe.each(Object.entries(PARTS))('%s', (_title, part) => {
      part(() => fixture)
    })
  })
}
