import { readFileSync, statSync, type Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Logger } from '@millrace/core'
import { Reader, type CountryResponse } from 'maxmind'
import { gatewayErrors } from '../errors.ts'
import { clientAddress } from './client-address.ts'
import { fieldValue } from './header-match.ts'
import type { RouteRequest } from './router.ts'

/** How often the file is looked at. Databases come out weekly. */
const CHECK_MS = 10_000
const CODE = /^[A-Z]{2}$/i

/** `XX` and `T1` are what networks say that do not know, or for Tor. */
const codeOf = (value: string | null | undefined): string | undefined =>
  typeof value === 'string' && CODE.test(value) && value.toUpperCase() !== 'XX'
    ? value.toUpperCase()
    : undefined

const versionOf = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs} ${size} ${ino}`

/** A MaxMind DB file in memory, read again when it changes. */
export class CountryDatabase {
  readonly #file: string
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout
  #reader: Reader<CountryResponse>
  #version: string
  #checking = false
  /** That this version is damaged was said. */
  #reported = false

  /** Reads the file at once. Throws GATEWAY_COUNTRY_DATABASE_INVALID. */
  constructor(file: string, logger: Logger, checkMs = CHECK_MS) {
    this.#file = file
    this.#logger = logger
    try {
      // Before it is read: what changes meanwhile is read again.
      this.#version = versionOf(statSync(file))
      this.#reader = new Reader<CountryResponse>(readFileSync(file))
    } catch (error) {
      throw gatewayErrors.COUNTRY_DATABASE_INVALID({ file, reason: (error as Error).message }, error)
    }
    this.#timer = setInterval(() => void this.check(), checkMs)
    this.#timer.unref()
  }

  /** Undefined: the address is not in it, or is none. */
  country(address: string | undefined): string | undefined {
    if (address === undefined || isIP(address) === 0) return undefined
    try {
      const found = this.#reader.get(address)
      return codeOf(found?.country?.iso_code ?? found?.registered_country?.iso_code)
    } catch (error) {
      // A file whose end is whole may be damaged before it, which is no reason to fail a request.
      if (!this.#reported)
        this.#logger.error({ err: error, file: this.#file }, 'the country database is damaged')
      this.#reported = true
      return undefined
    }
  }

  /** Reads the file again if it is another one than before; what is not a database is reported and not used. */
  async check(): Promise<void> {
    if (this.#checking) return
    this.#checking = true
    try {
      const version = versionOf(await stat(this.#file))
      if (version === this.#version) return
      this.#version = version
      this.#reader = new Reader<CountryResponse>(await readFile(this.#file))
      this.#reported = false
      this.#logger.info({ file: this.#file }, 'the country database was read again')
    } catch (error) {
      this.#logger.warn({ err: error, file: this.#file }, 'the country database could not be read again')
    } finally {
      this.#checking = false
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

export interface CountrySources {
  /** In lower case. Undefined: no header is believed. */
  header: string | undefined
  database: CountryDatabase | undefined
  trusted: (address: string | undefined) => boolean
}

/** What a trusted proxy says of the country; where it says nothing, what the database knows of the visitor's address. */
export function countryOf(
  { header, database, trusted }: CountrySources,
  request: RouteRequest,
): string | undefined {
  if (header !== undefined && trusted(request.socket.remoteAddress)) {
    const stated = codeOf(fieldValue(request.headers, header))
    if (stated !== undefined) return stated
  }
  return database?.country(clientAddress(request, trusted))
}
