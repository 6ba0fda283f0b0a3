import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import { buildConnector } from 'undici'
import { coreErrors } from '../errors/errors.ts'
import { isPublicAddress } from './address.ts'
import type { HostMatcher } from './allow-list.ts'

/** As `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface GuardOptions {
  /** These may have any address. */
  isAllowed: HostMatcher
  connectTimeoutMs: number
  /** Default: the system's resolver. */
  lookup?: Lookup | undefined
}

/**
 * A connector that refuses addresses which are not public at the moment it dials: the name is resolved once, and the
 * addresses that were checked are the ones connected to, so that a name which changes its address in between (DNS
 * rebinding) gains nothing. One forbidden address among several refuses the name.
 */
export function guardedConnector(options: GuardOptions): buildConnector.connector {
  const resolve = options.lookup ?? (systemLookup as Lookup)
  const connect = (extra: object): buildConnector.connector =>
    buildConnector({ timeout: options.connectTimeoutMs, allowH2: false, ...extra })
  const unchecked = connect({ lookup: asNetLookup(resolve, () => undefined) })
  const checked = connect({ lookup: asNetLookup(resolve, forbidden) })

  return (target, callback) => {
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80)
    if (options.isAllowed(target.hostname, port)) {
      unchecked(target, callback)
      return
    }
    // A literal address is never looked up.
    const literal = target.hostname.replace(/^\[|\]$/g, '')
    const error = isIP(literal) === 0 ? undefined : forbidden(literal, [{ address: literal, family: 0 }])
    if (error === undefined) checked(target, callback)
    else callback(error, null)
  }
}

function forbidden(hostname: string, addresses: readonly LookupAddress[]): Error | undefined {
  const bad = addresses.find(({ address }) => !isPublicAddress(address))
  return bad && coreErrors.ADDRESS_FORBIDDEN({ host: hostname, address: bad.address })
}

type NetCallback = (error: Error | null, address?: string | LookupAddress[], family?: number) => void

const asNetLookup =
  (resolve: Lookup, check: (hostname: string, addresses: readonly LookupAddress[]) => Error | undefined) =>
  (hostname: string, options: LookupOptions, callback: NetCallback): void => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const failure =
        error ?? check(hostname, addresses) ?? (addresses.length === 0 ? notFound(hostname) : null)
      if (failure !== null) callback(failure)
      else if (options.all === true) callback(null, addresses)
      else callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }

const notFound = (hostname: string): Error => new Error(`${hostname} has no address`)
