import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Clock, Logger, PlatformConfig } from '@millrace/core'
import type { RouteEntry, SplitStats } from '../drivers/driver.ts'
import { gatewayErrors } from '../errors.ts'
import { SplitController, type ConfiguredSplit } from './controller.ts'
import { savedSplits, type SplitDecision } from './split-state.ts'

export interface SplitControlOptions {
  platform: PlatformConfig
  /** Where decisions are kept over restarts. */
  file: string
  clock: Clock
  logger: Logger
  /** Shares have changed: the routes are to be applied again. */
  changed: () => void
}

/** Configured splits, by name. Of several routes with one of the same name the first one's settings of a canary count. */
export function configuredSplits(platform: PlatformConfig): Map<string, ConfiguredSplit> {
  const found = new Map<string, ConfiguredSplit>()
  for (const [stable, { routes }] of Object.entries(platform.applications)) {
    for (const { split } of routes) {
      if (split === undefined || found.has(split.name)) continue
      const { name, kind, parts, canary } = split
      found.set(name, {
        name,
        kind,
        stable,
        canary,
        parts: parts.map(({ application, share }) => ({ pool: application, share })),
      })
    }
  }
  return found
}

/** What could not be written is tried again after this. */
const RETRY_MS = 10_000

/** All splits of the platform: what is decided about them is in force at once, logged, and kept in a file. */
export class SplitControl {
  readonly #options: SplitControlOptions
  readonly #controllers = new Map<string, SplitController>()
  #saving: Promise<void> = Promise.resolve()
  #unsaved = false

  private constructor(options: SplitControlOptions) {
    this.#options = options
  }

  /** Never rejects: what cannot be read is reported, and the splits are as configured. */
  static async open(options: SplitControlOptions): Promise<SplitControl> {
    const control = new SplitControl(options)
    const saved = await readSaved(options)
    for (const [name, split] of configuredSplits(options.platform)) {
      const decided = (decision: SplitDecision): void => control.#decided(name, decision)
      const own = Object.hasOwn(saved, name) ? saved[name] : undefined
      control.#controllers.set(name, new SplitController(split, options.clock, decided, own))
    }
    return control
  }

  #decided(split: string, decision: SplitDecision): void {
    const { logger, changed } = this.#options
    const level = decision.decision === 'rollback' && decision.by === 'controller' ? 'warn' : 'info'
    logger[level]({ split, ...decision }, `split ${split}: ${decision.decision}`)
    this.#save()
    changed()
  }

  #save(): void {
    this.#saving = this.#saving.then(() => this.#write())
  }

  async #write(): Promise<void> {
    const { file, logger, clock } = this.#options
    const states = Object.fromEntries([...this.#controllers].map(([name, { state }]) => [name, state]))
    try {
      await writeFile(`${file}.new`, JSON.stringify(states), { mode: 0o600 })
      await rename(`${file}.new`, file)
      if (this.#unsaved) logger.info({ file }, 'what was decided about splits is kept again')
      this.#unsaved = false
    } catch (error) {
      if (!this.#unsaved)
        logger.error({ err: error, file }, 'what was decided about splits cannot be kept for a restart yet')
      this.#unsaved = true
      // A full disk has room again some day, and nothing else may be decided until then.
      clock.sleep(RETRY_MS).then(
        () => this.#unsaved && this.#save(),
        () => undefined,
      )
    }
  }

  /** Resolves when everything decided is on disk, or could not be written. */
  saved(): Promise<void> {
    return this.#saving
  }

  get running(): boolean {
    return [...this.#controllers.values()].some(({ running }) => running)
  }

  list(): SplitController[] {
    return [...this.#controllers.values()]
  }

  /** Throws GATEWAY_SPLIT_UNKNOWN. */
  get(name: string): SplitController {
    const controller = this.#controllers.get(name)
    if (controller === undefined)
      throw gatewayErrors.SPLIT_UNKNOWN({ split: name, known: [...this.#controllers.keys()] })
    return controller
  }

  /** Routes with the shares of the moment. */
  apply(routes: readonly RouteEntry[]): RouteEntry[] {
    return routes.map((route) => {
      const shares = route.split && this.#controllers.get(route.split.name)?.shares
      if (shares === undefined) return route
      const parts = route.split!.parts.map(({ pool, share }) => ({ pool, share: shares[pool] ?? share }))
      return { ...route, split: { ...route.split!, parts } }
    })
  }

  observe(stats: readonly SplitStats[]): void {
    for (const split of stats) this.#controllers.get(split.name)?.observe(split)
  }
}

async function readSaved({
  file,
  logger,
}: SplitControlOptions): Promise<ReturnType<typeof savedSplits.parse>> {
  try {
    return savedSplits.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      logger.error(
        { err: error, file },
        'what was decided about splits cannot be read: they are as configured',
      )
    return {}
  }
}
