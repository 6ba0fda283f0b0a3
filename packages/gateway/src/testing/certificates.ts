import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const DAY_MS = 86_400_000

/** One value in DER (X.690): its tag, its length, its content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content])
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const COMMON_NAME = '550403'
const SUBJECT_ALT_NAME = '551d11'
const BASIC_CONSTRAINTS = '551d13'

const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))

const nameOf = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from(commonName)))))

export interface TestCertificate {
  /** PEM. */
  certificate: string
  /** PEM, PKCS #8. */
  key: string
}

/** A self-signed certificate for the names (RFC 5280), with a new P-256 key or the given one. Days from now. */
export function makeCertificate(
  names: readonly string[],
  options: { fromDays?: number; toDays?: number; key?: string; passphrase?: string } = {},
): TestCertificate {
  const { fromDays = -1, toDays = 90, passphrase } = options
  const privateKey: KeyObject =
    options.key === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : createPrivateKey(options.key)
  const alternatives = names.map((name) => der(0x82, Buffer.from(name)))
  const extensions = sequence(
    sequence(oid(SUBJECT_ALT_NAME), der(0x04, sequence(...alternatives))),
    sequence(
      oid(BASIC_CONSTRAINTS),
      der(0x01, Buffer.from([255])),
      der(0x04, sequence(der(0x01, Buffer.from([255])))),
    ),
  )
  const jwk = privateKey.export({ format: 'jwk' })
  const point = Buffer.concat([
    Buffer.from([0, 4]),
    Buffer.from(jwk.x!, 'base64url'),
    Buffer.from(jwk.y!, 'base64url'),
  ])
  const publicKey = sequence(sequence(oid('2a8648ce3d0201'), oid('2a8648ce3d030107')), der(0x03, point))
  const serial = randomBytes(12)
  serial[0] = (serial[0]! & 0x7f) | 1
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    nameOf(names[0] ?? 'nobody'),
    sequence(time(Date.now() + fromDays * DAY_MS), time(Date.now() + toDays * DAY_MS)),
    nameOf(names[0] ?? 'nobody'),
    publicKey,
    der(0xa3, extensions),
  )
  const signature = sign('sha256', toSign, privateKey)
  const whole = sequence(toSign, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }) as string,
  }
}

/** Certificates and keys as files in a folder of their own. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-certificates-'))

  /** Writes `<name>.crt` and `<name>.key`, or replaces them. */
  write(name: string, { certificate, key }: TestCertificate): { certificate: string; key: string } {
    const files = { certificate: join(this.path, `${name}.crt`), key: join(this.path, `${name}.key`) }
    writeFileSync(files.certificate, certificate)
    writeFileSync(files.key, key, { mode: 0o600 })
    return files
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
