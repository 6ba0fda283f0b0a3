import { writeFileSync } from 'node:fs'
import { silentLogger, type Logger } from '@millrace/core'
import { afterAll, afterEach, expect, it } from 'vitest'
import { tlsConfig } from '../../src/tls/tls-config.ts'
import { certificateCheck, degradedMessage } from '../../src/tls/certificate-check.ts'
import { certificateFiles } from '../../src/tls/certificate.ts'
import { Certificates } from '../../src/tls/certificates.ts'
import { handshakeFailure } from '../../src/tls/handshakes.ts'
import { ServerNames } from '../../src/tls/server-names.ts'
import { CertificateFolder, makeCertificate } from '../../src/testing/certificates.ts'

const folder = new CertificateFolder()
let certificates: Certificates | undefined
afterEach(() => certificates?.close())
afterAll(() => folder.remove())

/** What is written at `warn` and `error`. */
function listener(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const note = (_fields: unknown, message?: string): void => void lines.push(String(message))
  return { logger: { ...silentLogger, warn: note, error: note } as Logger, lines }
}

it('an exact name wins over a wildcard, which stands for one label; the first certificate of a name has it', () => {
  const names = new ServerNames([
    { names: ['*.shop.example'], context: 'wildcard' },
    { names: ['a.shop.example', '*.shop.example'], context: 'second' },
  ])
  expect(
    ['A.shop.example', 'b.shop.example', 'a.b.shop.example', 'shop.example', ''].map((name) =>
      names.find(name),
    ),
  ).toEqual(['second', 'wildcard', undefined, undefined, undefined])
})

it('the short form comes first, and half of it is refused by name', () => {
  const both = tlsConfig.parse({
    certificate: 'a.crt',
    key: 'a.key',
    certificates: [{ certificate: 'b.crt', key: 'b.key' }],
  })
  expect(certificateFiles(both).map(({ field }) => field)).toEqual(['tls', 'tls.certificates.0'])
  for (const [given, field] of [
    [{ certificate: 'a.crt' }, 'tls.key'],
    [{ key: 'a.key' }, 'tls.certificate'],
    [{}, 'tls.certificates'],
  ] as const) {
    expect(() => certificateFiles(tlsConfig.parse(given))).toThrow(
      expect.objectContaining({
        code: 'GATEWAY_CERTIFICATE_INVALID',
        details: expect.objectContaining({ field }) as unknown,
      }) as Error,
    )
  }
})

it('files are read again when they changed; what cannot be used is reported once and not used', async () => {
  const files = folder.write('shop', makeCertificate(['old.example']))
  const { logger, lines } = listener()
  let changes = 0
  const tls = tlsConfig.parse({ certificates: [files] })
  certificates = new Certificates(tls, logger, () => changes++)
  const names = (): string[] => certificates!.stats().flatMap((one) => one.names)
  await certificates.check()
  expect([changes, names()]).toEqual([0, ['old.example']])
  folder.write('shop', makeCertificate(['new.example']))
  await certificates.check()
  await certificates.check()
  expect([changes, names()]).toEqual([1, ['new.example']])
  writeFileSync(files.certificate, 'nonsense')
  await certificates.check()
  await certificates.check()
  expect([changes, names(), lines]).toEqual([
    1,
    ['new.example'],
    ['new certificates cannot be used; the former ones stay'],
  ])
})

it('one that cannot be used does not hold back the renewal of another', async () => {
  const [first, second] = ['first', 'second'].map((name) =>
    folder.write(name, makeCertificate([`${name}.example`])),
  )
  const { logger, lines } = listener()
  let changes = 0
  const tls = tlsConfig.parse({ certificates: [first, second] })
  certificates = new Certificates(tls, logger, () => changes++)
  await certificates.check()
  writeFileSync(first!.certificate, 'half')
  folder.write('second', makeCertificate(['renewed.example']))
  await certificates.check()
  expect([changes, certificates.stats().flatMap(({ names }) => names), lines]).toEqual([
    1,
    ['first.example', 'renewed.example'],
    ['new certificates cannot be used; the former ones stay'],
  ])
  // Asked to, it takes all or none, and says why.
  expect(() => certificates!.reload()).toThrow(first!.certificate)
})

it('one that has expired or is about to is used, with a warning', () => {
  const [soon, over] = [
    makeCertificate(['soon.example'], { toDays: 13.5 }),
    makeCertificate(['over.example'], { fromDays: -9, toDays: -1 }),
  ]
  const { logger, lines } = listener()
  const tls = tlsConfig.parse({ certificates: [folder.write('soon', soon), folder.write('over', over)] })
  certificates = new Certificates(tls, logger, () => undefined)
  expect(lines).toEqual(['a certificate expires soon', 'a certificate has expired'])
  const checks = certificates.stats().map(certificateCheck)
  expect(checks.map(({ state }) => state)).toEqual(['degraded', 'degraded'])
  expect(degradedMessage(checks)).toBe('A certificate expires soon, or has expired.')
  expect(certificateCheck({ certificate: 'a.crt', names: [], daysLeft: 14 }).state).toBe('healthy')
})

it.each([
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'closed'],
  ['ERR_SSL_HTTP_REQUEST', 'not_tls'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'version'],
  ['ERR_SSL_NO_SHARED_CIPHER', 'cipher'],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 'protocol'],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', 'refused'],
  ['ERR_SSL_ANYTHING', 'other'],
])('a handshake that failed with %s counts as %s', (code, reason) => {
  expect(handshakeFailure({ code })).toBe(reason)
})
