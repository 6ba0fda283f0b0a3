import { cacheErrors } from '../../errors.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/**
 * The names of everything that one cache keeps in Redis. A record of `PRODUCTS:7` is `millrace:<name>:PRODUCTS:7`; what
 * the validity of all records depends on shares one slot of a Cluster, by its hash tag.
 */
export class Keyspace {
  readonly name: string
  /** Sorted set: a stamp's name → the version of its last invalidation; and `v`, `floor`, `log`, see ./scripts.ts. */
  readonly stamps: string
  /** Stream: every invalidation, its identifier is its version. */
  readonly log: string
  readonly #records: string
  readonly #locks: string

  /** @throws CACHE_OPTION_INVALID */
  constructor(name: string) {
    if (!NAME.test(name)) {
      const accepted = "1 to 64 letters, digits, '_', '-' or '.'"
      throw cacheErrors.OPTION_INVALID({ field: 'name', value: name, accepted })
    }
    this.name = name
    this.stamps = `{millrace:${name}}:stamps`
    this.log = `{millrace:${name}}:log`
    this.#records = `millrace:${name}:`
    this.#locks = `millrace:${name}/lock:`
  }

  record(key: string): string {
    return this.#records + key
  }

  /** The key of a record again. */
  keyOf(record: string): string {
    return record.slice(this.#records.length)
  }

  /** Not below the records, so that no pattern ever meets a lock; and spread over a Cluster like them. */
  lock(key: string): string {
    return this.#locks + key
  }

  /**
   * A pattern of Redis that every record's name matches which matches ours, and maybe some more: there `?` is one byte,
   * here one UTF-16 unit, which may be several; and `[` is special only there.
   */
  scanPattern(pattern: string): string {
    const translated = pattern.replaceAll(/\\[^]|[?[\]]/g, (part) =>
      part === '?' ? '?*' : part.startsWith('\\') ? part : `\\${part}`,
    )
    return this.#records + translated
  }
}

/** Finds the names of all keyspaces: `KEYSPACES` for SCAN, and the name in what it returns. */
export const KEYSPACES = '{millrace:*}:stamps'

export const keyspaceName = (stamps: string): string | undefined =>
  /^\{millrace:([A-Za-z0-9_.-]{1,64})\}:stamps$/.exec(stamps)?.[1]
