import { createPrivateKey } from 'node:crypto'
import type { CertificateEntry } from '../../tls/certificate.ts'
import { TLS12_CIPHERS, TLS13_SUITES } from '../../tls/ciphers.ts'
import type { TlsConfig } from '../../tls/tls-config.ts'
import { quote } from './quote.ts'

/** Names of the files in the directory. */
export const CERTIFICATE_LIST = 'certificates.list'
export const TICKET_KEYS = 'ticket-keys'
const certificateFile = (at: number): string => `certificate-${at}.pem`

/** What a certificate may be chosen by; in a list of certificates other characters have meanings of their own. */
const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/

/**
 * The list of certificates and the files that it names (configuration manual, `crt-list`). The first is for visitors who ask for none
 * of the names; of several for a name the first has it (src/tls/server-names.ts).
 */
export function certificateFiles(entries: readonly CertificateEntry[]): Record<string, string> {
  const taken = new Set<string>()
  const files: Record<string, string> = {}
  let list = ''
  for (const [at, entry] of entries.entries()) {
    const names = entry.names.filter((name) => NAME.test(name) && !taken.has(name))
    for (const name of names) taken.add(name)
    // Without a name here, HAProxy would take those that the certificate states. The filter `!*` matches nothing.
    list += `${certificateFile(at)} ${names.length > 0 ? names.join(' ') : '!*'}\n`
    files[certificateFile(at)] = `${entry.certificate.trimEnd()}\n${plainKey(entry)}`
  }
  return { ...files, [CERTIFICATE_LIST]: list }
}

/** HAProxy has nobody to ask for a passphrase. */
const plainKey = ({ key, files: { passphrase } }: CertificateEntry): string =>
  passphrase === undefined
    ? key
    : createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString()

/** What follows the address of the port for TLS. `list` and `tickets` are paths. */
export const secureBind = ({ http2, minVersion }: TlsConfig, list: string, tickets: string): string =>
  [
    `ssl crt-list ${quote(list, 'directory')}`,
    `alpn ${http2 ? 'h2,http/1.1' : 'http/1.1'}`,
    `ssl-min-ver TLSv${minVersion}`,
    `ciphers ${TLS12_CIPHERS.join(':')}`,
    `ciphersuites ${TLS13_SUITES.join(':')}`,
    // They know best what their processor is good at; all of these are good.
    'prefer-client-ciphers',
    `tls-ticket-keys ${quote(tickets, 'directory')}`,
  ].join(' ')
