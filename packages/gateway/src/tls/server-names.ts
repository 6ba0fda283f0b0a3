import type { CertificateEntry } from './certificate.ts'

/** Which certificate a visitor gets by the name it asks for (SNI): an exact name wins over a wildcard (RFC 6125, 6.4.3). */
export class ServerNames<Context> {
  readonly #byName = new Map<string, Context>()

  /** Of several certificates for a name, the first has it. */
  constructor(certificates: readonly (Pick<CertificateEntry, 'names'> & { context: Context })[]) {
    for (const { names, context } of certificates) {
      for (const name of names) if (!this.#byName.has(name)) this.#byName.set(name, context)
    }
  }

  /** Undefined: none of them is for it. */
  find(serverName: string): Context | undefined {
    const name = serverName.toLowerCase()
    const exact = this.#byName.get(name)
    if (exact !== undefined) return exact
    const dot = name.indexOf('.')
    // A wildcard stands for one whole label.
    return dot > 0 ? this.#byName.get(`*${name.slice(dot)}`) : undefined
  }
}
