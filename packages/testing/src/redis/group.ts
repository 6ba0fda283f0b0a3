import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisProcess, type RedisProcessOptions } from './server.ts'
import { watchOverServers } from './watchdog.ts'

/** Servers that live and end together, in one folder. */
export class RedisGroup {
  readonly #folder: string
  readonly #release: () => void
  readonly #servers: RedisProcess[] = []
  #stopped: Promise<void> | undefined

  private constructor(folder: string) {
    this.#folder = folder
    this.#release = watchOverServers(folder)
  }

  static async open(): Promise<RedisGroup> {
    // Resolved, because the watchdog compares it with the folder that the system names.
    return new RedisGroup(await realpath(await mkdtemp(join(tmpdir(), 'millrace-test-redis-'))))
  }

  /** Not started yet. Its folder is named by its port. */
  async add(options: Omit<RedisProcessOptions, 'folder'>): Promise<RedisProcess> {
    const folder = join(this.#folder, String(options.port))
    await mkdir(folder)
    const server = new RedisProcess({ ...options, folder })
    this.#servers.push(server)
    return server
  }

  /** Ends every server, paused ones too, and removes the folder. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
    this.#release()
  }
}

/** Starts what `make` adds to a new group; nothing is left of it when that fails. */
export async function withGroup<Value>(make: (group: RedisGroup) => Promise<Value>): Promise<Value> {
  const group = await RedisGroup.open()
  try {
    return await make(group)
  } catch (error) {
    await group.stop()
    throw error
  }
}
