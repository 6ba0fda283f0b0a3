/** Pages whose hints are kept; beyond it the one goes that was longest not seen. */
const MAX_PATHS = 200
const KEEP_MS = 600_000
/** Of one page: what a browser makes good use of. */
const MAX_LINKS = 16
const MAX_BYTES = 2_048

const ONE_LINK = /<[^<>]*>[^,]*(?:,(?!\s*<)[^,]*)*/g
const HINT =
  /;\s*rel\s*=\s*(?:"[^"]*\b(?:preload|preconnect|modulepreload)\b[^"]*"|(?:preload|preconnect|modulepreload)\s*(?:;|$))/i

const PRINTABLE = /^[\t\x20-\x7e\x80-\xff]*$/

/** The links of raw headers that a browser can follow before the page is there (RFC 8297). */
export function hintsOf(raw: readonly string[]): string[] {
  const links: string[] = []
  let bytes = 0
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]!.toLowerCase() !== 'link') continue
    for (const [found] of raw[i + 1]!.matchAll(ONE_LINK)) {
      const link = found.trim()
      // The length first: the rest looks at a text again and again.
      if (bytes + link.length > MAX_BYTES || !HINT.test(link) || !PRINTABLE.test(link)) continue
      bytes += link.length
      if (links.length < MAX_LINKS) links.push(link)
    }
  }
  return links
}

/**
 * What the pages of one pool told browsers to load, by host and path, the same for all visitors. In memory, bounded, and
 * forgotten after ten minutes without the page.
 */
export class HintMemory {
  readonly #pages = new Map<string, { links: string[]; at: number }>()

  /** Of an HTML answer, with the headers as the visitor gets them. `now` as of `performance.now()`. */
  learn(page: string, raw: readonly string[], now: number): void {
    const links = hintsOf(raw)
    this.#pages.delete(page)
    if (links.length === 0) return
    if (this.#pages.size >= MAX_PATHS) this.#pages.delete(this.#pages.keys().next().value!)
    this.#pages.set(page, { links, at: now })
  }

  /** Undefined: nothing is known of the page. */
  find(page: string, now: number): string[] | undefined {
    const known = this.#pages.get(page)
    if (known === undefined) return undefined
    if (now - known.at <= KEEP_MS) return known.links
    this.#pages.delete(page)
    return undefined
  }
}
