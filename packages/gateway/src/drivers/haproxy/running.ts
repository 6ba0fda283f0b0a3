import type { EngineConfig } from '../../config.ts'
import type { GatewayTable } from '../driver.ts'
import { renderSkeleton, type Place } from './configuration.ts'
import { differing, liveSteps, mapSteps, setState, type Step } from './live-update.ts'
import { poolSection } from './quote.ts'
import { liveMaps } from './live-maps.ts'
import { serversOf, type Server } from './servers.ts'

export type Ask = (command: string) => Promise<string>

/**
 * A removed server stays for so long after its last request: a request that waits to be sent to it again still refers to it.
 * Longer than HAProxy's pause before that (1 s) and a connection attempt.
 */
const REMOVAL_PAUSE_MS = 10_000

const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)

/** What a worker of HAProxy runs with, and how it becomes something else without being replaced. */
export class Running {
  readonly #config: EngineConfig
  readonly #place: Place
  readonly #skeleton: string
  #servers: Map<string, Map<string, Server>>
  #maps: ReadonlyMap<string, ReadonlyMap<string, string>>
  #wanted: Set<string>
  /** Servers of no table any more: since when they were seen without a request. */
  readonly #idleSince = new Map<string, number>()

  constructor(table: GatewayTable, config: EngineConfig, place: Place, drained: ReadonlySet<string>) {
    this.#config = config
    this.#place = place
    this.#skeleton = renderSkeleton(table, config, place)
    this.#servers = new Map(
      table.pools.map((pool) => [
        poolSection(pool.name),
        new Map(serversOf(pool, config, drained).map((server) => [server.name, server])),
      ]),
    )
    this.#wanted = names(this.#servers)
    this.#maps = liveMaps(table, config, place.files, drained)
  }

  /** What a server is told to do at the moment, by section and name. */
  state(section: string, name: string): Server['state'] | undefined {
    return this.#servers.get(section)?.get(name)?.state
  }

  /** Commands for what a configuration file cannot say: that a server finishes what it has. */
  settle(): string[] {
    return [...this.#servers].flatMap(([section, servers]) =>
      [...servers.values()]
        .filter(({ state }) => state === 'drain')
        .map((server) => setState(section, server).command),
    )
  }

  /**
   * Resolves with true when the worker has become what the table says, which it was asked about; with false when that takes a
   * reload.
   */
  async become(table: GatewayTable, drained: ReadonlySet<string>, ask: Ask): Promise<boolean> {
    if (renderSkeleton(table, this.#config, this.#place) !== this.#skeleton) return false
    const live = liveSteps(this.#servers, table, this.#config, drained)
    if (live === undefined) return false
    if (!(await perform(live.steps, ask))) return false
    this.#servers = live.servers
    this.#wanted = names(
      new Map(
        table.pools.map((pool) => [
          poolSection(pool.name),
          new Map(serversOf(pool, this.#config, drained).map((server) => [server.name, server])),
        ]),
      ),
    )
    const maps = liveMaps(table, this.#config, this.#place.files, drained)
    for (const [file, entries] of maps) {
      if (!same(entries, this.#maps.get(file)!) && !(await replaceMap(file, entries, ask))) return false
    }
    this.#maps = maps
    if (live.steps.length === 0) return true
    return differing(this.#servers, await ask('show servers state')).length === 0
  }

  /** Takes servers away that no table has any more and that have had nothing in flight for a while. */
  async removeIdle(
    now: number,
    inFlight: (section: string, server: string) => number,
    ask: Ask,
  ): Promise<void> {
    for (const [section, servers] of this.#servers) {
      for (const name of servers.keys()) {
        const key = `${section}/${name}`
        if (this.#wanted.has(key) || inFlight(section, name) > 0) {
          this.#idleSince.delete(key)
          continue
        }
        const since = this.#idleSince.get(key)
        if (since === undefined) this.#idleSince.set(key, now)
        else if (now - since >= REMOVAL_PAUSE_MS && /Server deleted/.test(await ask(`del server ${key}`))) {
          this.#idleSince.delete(key)
          servers.delete(name)
        }
      }
    }
  }
}

const names = (servers: ReadonlyMap<string, ReadonlyMap<string, Server>>): Set<string> =>
  new Set(
    [...servers].flatMap(([section, entries]) => [...entries.keys()].map((name) => `${section}/${name}`)),
  )

/** One after the other; false at the first that did not do what it should. */
async function perform(steps: readonly Step[], ask: Ask): Promise<boolean> {
  for (const { command, expect } of steps) if (!expect.test(await ask(command))) return false
  return true
}

async function replaceMap(file: string, entries: ReadonlyMap<string, string>, ask: Ask): Promise<boolean> {
  const [, version] = /New version created: (\d+)/.exec(await ask(`prepare map ${file}`)) ?? []
  return version !== undefined && perform(mapSteps(file, Number(version), entries), ask)
}
