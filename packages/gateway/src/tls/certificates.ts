import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Logger } from '@millrace/core'
import type { CertificateStats } from '../drivers/driver.ts'
import {
  certificateFiles,
  readCertificate,
  type CertificateEntry,
  type CertificateFiles,
} from './certificate.ts'
import { FEW_DAYS } from './certificate-check.ts'
import type { TlsConfig } from './tls-config.ts'

/** How often the files are looked at. */
const CHECK_MS = 10_000
const DAY_MS = 86_400_000

/** The certificates in use, read again when their files change. */
export class Certificates {
  readonly #files: readonly CertificateFiles[]
  readonly #logger: Logger
  readonly #changed: () => void
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  #entries: readonly CertificateEntry[]
  #version = ''
  #checking: Promise<void> | undefined = undefined

  /**
   * Reads them at once. Throws GATEWAY_CERTIFICATE_INVALID. `changed`: others are in use now. `now`: milliseconds since the
   * epoch.
   */
  constructor(
    tls: TlsConfig,
    logger: Logger,
    changed: () => void,
    { checkMs = CHECK_MS, now = Date.now }: { checkMs?: number; now?: () => number } = {},
  ) {
    this.#files = certificateFiles(tls)
    this.#logger = logger
    this.#changed = changed
    this.#now = now
    this.#entries = this.#files.map(readCertificate)
    this.#warn()
    this.#timer = setInterval(() => void this.check(), checkMs)
    this.#timer.unref()
  }

  /** The default one first. */
  get entries(): readonly CertificateEntry[] {
    return this.#entries
  }

  stats(): CertificateStats[] {
    return this.#entries.map(({ files, names, validTo }) => ({
      certificate: files.certificate,
      names: [...names],
      validTo,
      daysLeft: Math.floor((validTo - this.#now()) / DAY_MS),
    }))
  }

  /** Throws GATEWAY_CERTIFICATE_INVALID; then all former ones stay in use. */
  reload(): void {
    this.#use(this.#files.map(readCertificate))
  }

  #use(entries: readonly CertificateEntry[]): void {
    const same = entries.every((entry, at) => {
      const { certificate, key } = this.#entries[at]!
      return entry.certificate === certificate && entry.key === key
    })
    if (same) return
    this.#entries = entries
    this.#logger.info({ certificates: this.stats() }, 'the certificates were read again')
    this.#warn()
    this.#changed()
  }

  /** Reads them again if a file is another one than at the last look; what cannot be used is reported, once. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined))
    return this.#checking
  }

  async #check(): Promise<void> {
    try {
      const paths = this.#files.flatMap(({ certificate, key }) => [certificate, key])
      const version = (await Promise.all(paths.map(versionOf))).join()
      // The first look reads them too: they may have changed since the start.
      if (version === this.#version) return
      this.#version = version
      this.#use(this.#files.map((files, at) => this.#renewed(files) ?? this.#entries[at]!))
    } catch (error) {
      this.#logger.error({ err: error }, 'new certificates cannot be used; the former ones stay')
    }
  }

  /** Undefined: it cannot be used, or is being written. Others are renewed meanwhile. */
  #renewed(files: CertificateFiles): CertificateEntry | undefined {
    try {
      return readCertificate(files)
    } catch (error) {
      this.#logger.error({ err: error }, 'new certificates cannot be used; the former ones stay')
      return undefined
    }
  }

  #warn(): void {
    for (const { certificate, names, daysLeft } of this.stats()) {
      if (daysLeft >= FEW_DAYS) continue
      const message = daysLeft < 0 ? 'a certificate has expired' : 'a certificate expires soon'
      this.#logger.warn({ certificate, names, daysLeft }, message)
    }
    for (const { files, validFrom } of this.#entries) {
      if (validFrom > this.#now())
        this.#logger.warn({ certificate: files.certificate }, 'a certificate is not valid yet')
    }
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/** A file that cannot be looked at is a version of its own, so that it is reported once and not every time. */
const versionOf = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, size, ino }: Stats) => `${mtimeMs} ${size} ${ino}`,
    (error: NodeJS.ErrnoException) => String(error.code),
  )
