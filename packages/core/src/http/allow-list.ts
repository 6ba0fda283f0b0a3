import { coreErrors } from '../errors/errors.ts'

export type HostMatcher = (hostname: string, port: number) => boolean

const PATTERN = /^(\*\.)?([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/

/**
 * Matches `example.com`, `*.example.com` (any depth below, not the domain itself), an IP address, each with `:port` when
 * only that port is meant; IPv6 in brackets. Throws CORE_URL_INVALID for an entry of another form.
 */
export function hostMatcher(entries: readonly string[]): HostMatcher {
  const rules = entries.map((entry) => {
    const [, wildcard, name, port] = PATTERN.exec(entry.toLowerCase()) ?? []
    if (name === undefined) {
      const reason = 'an allowed host is a name, *.name or an address, with or without :port'
      throw coreErrors.URL_INVALID({ url: entry, reason })
    }
    return { wildcard: wildcard !== undefined, name, port: port === undefined ? undefined : Number(port) }
  })
  return (hostname, port) => {
    const host = hostname.toLowerCase().replace(/\.$/, '')
    return rules.some(
      (rule) =>
        (rule.port === undefined || rule.port === port) &&
        (rule.wildcard ? host.endsWith(`.${rule.name}`) : host === rule.name),
    )
  }
}
