import { stat } from 'node:fs/promises'
import { gatewayErrors } from '../errors.ts'
import { certificateFiles, readCertificate, type CertificateFiles } from '../tls/certificate.ts'
import type { TlsConfig } from '../tls/tls-config.ts'

/** What is configured for TLS; none: Caddy makes one for this machine. */
export const configuredCertificates = (tls: TlsConfig): CertificateFiles[] => {
  const none = tls.certificate === undefined && tls.key === undefined && tls.certificates.length === 0
  return none ? [] : certificateFiles(tls)
}

/**
 * Looks whether the files are certificates and their keys, so that what is half-written is never served; returns the names that they
 * are for. Throws GATEWAY_CERTIFICATE_INVALID, also for a key with a passphrase, which Caddy cannot read.
 */
export function checkCertificates(each: readonly CertificateFiles[]): string[] {
  return each.flatMap((files) => {
    const { names } = readCertificate(files)
    if (files.passphrase !== undefined)
      throw gatewayErrors.CERTIFICATE_INVALID({
        field: `${files.field}.passphrase`,
        file: files.key,
        reason: 'has one, and Caddy reads keys without only',
      })
    return names
  })
}

/** Another one when a file is another than before, or was written again. */
export async function versionOf(each: readonly CertificateFiles[]): Promise<string> {
  const files = each.flatMap(({ certificate, key }) => [certificate, key])
  const seen = await Promise.all(
    files.map(async (file) => {
      const { mtimeMs, size, ino } = await stat(file)
      return `${mtimeMs} ${size} ${ino}`
    }),
  )
  return seen.join('\n')
}
