import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { gatewayErrors } from '../errors.ts'
import type { TlsConfig } from './tls-config.ts'

/** Where a certificate is, and how the configuration calls the place. */
export interface CertificateFiles {
  /** `tls.certificates.0`, or `tls` for the short form. */
  field: string
  certificate: string
  key: string
  passphrase?: string | undefined
}

/** A certificate that was read and checked. */
export interface CertificateEntry {
  files: CertificateFiles
  /** PEM, with its chain. */
  certificate: string
  /** PEM, as it is in the file. */
  key: string
  /** Of its subjectAltName, in lower case: `shop.example`, `*.shop.example`. */
  names: readonly string[]
  /** Milliseconds since the epoch. */
  validFrom: number
  validTo: number
  /** SHA-256 of the certificate. */
  fingerprint: string
}

/** Every certificate that is configured, the default one first. Throws GATEWAY_CERTIFICATE_INVALID for half of one, or none. */
export function certificateFiles(tls: TlsConfig): CertificateFiles[] {
  const { certificate, key, passphrase } = tls
  const files: CertificateFiles[] = tls.certificates.map((entry, at) => ({
    field: `tls.certificates.${at}`,
    ...entry,
  }))
  if (certificate !== undefined && key !== undefined) {
    files.unshift({ field: 'tls', certificate, key, passphrase })
  } else if (certificate !== undefined || key !== undefined) {
    const [missing, file] = certificate === undefined ? ['certificate', key!] : ['key', certificate]
    throw gatewayErrors.CERTIFICATE_INVALID({ field: `tls.${missing}`, file, reason: 'is there without it' })
  }
  if (files.length === 0)
    throw gatewayErrors.CERTIFICATE_INVALID({
      field: 'tls.certificates',
      file: 'the list',
      reason: 'is empty, but tls.enabled is set: name at least one certificate and its key',
    })
  return files
}

/** Reads a certificate and its key and checks that they can be used. Throws GATEWAY_CERTIFICATE_INVALID. */
export function readCertificate(files: CertificateFiles): CertificateEntry {
  const { field, passphrase } = files
  const certificate = readPem(`${field}.certificate`, files.certificate)
  const key = readPem(`${field}.key`, files.key)
  const parsed = parse(`${field}.certificate`, files.certificate, 'is not a certificate in PEM', () => {
    return new X509Certificate(certificate)
  })
  const privateKey = parse(`${field}.key`, files.key, keyProblem(key, passphrase), () => {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) })
  })
  if (!matches(parsed, privateKey))
    throw gatewayErrors.CERTIFICATE_INVALID({
      field: `${field}.key`,
      file: files.key,
      reason: `is not the key of ${files.certificate}`,
    })
  parse(`${field}.certificate`, files.certificate, 'cannot be used for TLS', () => {
    return createSecureContext({
      cert: certificate,
      key,
      ...(passphrase === undefined ? {} : { passphrase }),
    })
  })
  return {
    files,
    certificate,
    key,
    names: namesOf(parsed),
    validFrom: parsed.validFromDate.getTime(),
    validTo: parsed.validToDate.getTime(),
    fingerprint: parsed.fingerprint256,
  }
}

function readPem(field: string, file: string): string {
  return parse(field, file, 'cannot be read', () => readFileSync(file, 'utf8'))
}

function parse<Result>(field: string, file: string, problem: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    const reason = `${problem}: ${(error as Error).message}`
    throw gatewayErrors.CERTIFICATE_INVALID({ field, file, reason }, error)
  }
}

const keyProblem = (key: string, passphrase: string | undefined): string =>
  key.includes('ENCRYPTED')
    ? passphrase === undefined
      ? 'is encrypted, and there is no passphrase'
      : 'cannot be decrypted with the passphrase'
    : 'is not a private key in PEM'

const matches = (certificate: X509Certificate, key: KeyObject): boolean => {
  try {
    return certificate.checkPrivateKey(key)
  } catch {
    // A key of another kind.
    return false
  }
}

/** Node writes names with unusual characters as JSON strings; such ones are no host names. */
const namesOf = ({ subjectAltName }: X509Certificate): string[] =>
  [...(subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^",\s]+)/g)].map(([, name]) => name!.toLowerCase())
