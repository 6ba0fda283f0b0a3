import type { CacheManager } from './cache.ts'
import type { NamespaceOptions } from './namespace.ts'
import type { SetOptions } from './options.ts'

export type NamespaceTable = Record<string, NamespaceOptions>

/** What the schema of a namespace says its values are; `unknown` without one. */
export type ValueOf<Options> = Options extends { schema: { '~standard': { types?: infer Types } } }
  ? NonNullable<Types> extends { input: infer Value }
    ? Value
    : unknown
  : unknown

/** One namespace of a cache, with the type of its values. */
export class TypedNamespace<Value> {
  readonly name: string
  readonly #cache: CacheManager

  constructor(cache: CacheManager, name: string) {
    this.#cache = cache
    this.name = name
  }

  get(id: string): Promise<Value | undefined> {
    return this.#cache.get<Value>(this.name, id)
  }

  getSync(id: string): Value | undefined {
    return this.#cache.getSync<Value>(this.name, id)
  }

  getMany(ids: readonly string[]): Promise<Map<string, Value>> {
    return this.#cache.getMany<Value>(this.name, ids)
  }

  set(id: string, value: Value, options?: SetOptions): Promise<void> {
    return this.#cache.set(this.name, id, value, options)
  }

  setMany(values: Iterable<readonly [id: string, value: Value]>, options?: SetOptions): Promise<void> {
    return this.#cache.setMany(this.name, values, options)
  }

  getOrSet<Loaded extends Value | undefined | null>(
    id: string,
    load: (signal: AbortSignal) => Promise<Loaded>,
    options?: SetOptions,
  ): Promise<Loaded> {
    return this.#cache.getOrSet(this.name, id, load, options)
  }

  delete(id: string): Promise<boolean> {
    return this.#cache.delete(this.name, id)
  }

  clear(): Promise<void> {
    return this.#cache.clear(this.name)
  }
}
