import { escapeGlob } from '../glob.ts'
import type { Invalidations } from '../invalidation.ts'
import type { MemoryTier } from '../memory/tier.ts'
import type { Namespace } from '../namespace.ts'
import { MAX_TAGS_PER_ENTRY } from '../options.ts'
import type { SharedTier } from '../shared/shared-tier.ts'
import type { ResponseParts } from './responses.ts'
import { SOFT_ALL, softTag } from './soft-tags.ts'
import { StoredResponse } from './stored-response.ts'

/** Removes stored responses from every tier and process, or makes them stale. In this process's memory at once. */
export class Purges {
  readonly #tier: MemoryTier
  readonly #shared: SharedTier | undefined
  readonly #invalidations: Invalidations
  readonly #space: Namespace

  constructor({ tier, shared, invalidations }: ResponseParts, space: Namespace) {
    this.#tier = tier
    this.#shared = shared
    this.#invalidations = invalidations
    this.#space = space
  }

  async remove(id: string): Promise<void> {
    await this.#invalidations.delete(this.#space.name, id)
  }

  async tags(tags: readonly string[], soft: boolean): Promise<void> {
    const names = soft ? tags.map(softTag) : tags
    const told: Promise<number>[] = []
    for (let i = 0; i < names.length; i += MAX_TAGS_PER_ENTRY) {
      told.push(this.#invalidations.tags(names.slice(i, i + MAX_TAGS_PER_ENTRY)))
    }
    await Promise.all(told)
  }

  async all(soft: boolean): Promise<void> {
    if (soft) await this.#invalidations.tags([SOFT_ALL])
    else await this.#invalidations.clear(this.#space.name)
  }

  /**
   * What begins like that: absolute, or a path on every host. With a shared tier it is removed even if asked for softly, and
   * a path on every host may reach further: `/a/` also means `/b/a/`.
   */
  async prefix(prefix: string, soft: boolean): Promise<void> {
    const everywhere = prefix.startsWith('/')
    if (this.#shared !== undefined) {
      const pattern = `${everywhere ? '*://*' : ''}${escapeGlob(prefix)}*`
      await this.#invalidations.pattern(`${this.#space.name}:${pattern}`)
      return
    }
    const matches = (id: string): boolean => (everywhere ? pathOf(id) : id).startsWith(prefix)
    for (const id of this.#space.flights.keys()) if (matches(id)) this.#tier.supersede(this.#space, id)
    for (const [id, { value }] of this.#space.entries) {
      if (!matches(id)) continue
      if (!soft) this.#tier.delete(this.#space, id)
      else if (value instanceof StoredResponse) value.softVersion = -1
    }
  }
}

/** `https://shop.example/a` → `/a`. */
const pathOf = (key: string): string => key.slice(key.indexOf('/', key.indexOf('://') + 3))
