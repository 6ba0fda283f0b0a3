import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { loadOrCreateSecret } from '../../src/affinity/secret-file.ts'
import { SessionCookie } from '../../src/affinity/session-cookie.ts'
import type { StickySessions } from '../../src/drivers/driver.ts'

const SETTINGS: StickySessions = {
  kind: 'cookie',
  cookieName: 'lb-session',
  maxAgeMs: 3_600_000,
  secret: 'a secret of enough characters',
}
const NOW = 1_800_000_000_000
const cookie = new SessionCookie(SETTINGS, 'shop')
const tag = cookie.tagOf('shop/1')

it('says which backend, without naming it, to whoever has the secret', () => {
  const value = cookie.issue(tag, NOW)
  expect(cookie.read(value, NOW + 5_000)).toEqual({ tag, ageMs: 5_000 })
  expect(new SessionCookie(SETTINGS, 'shop').read(value, NOW)).toMatchObject({ tag })
  expect(value).not.toContain('shop')
  expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain('shop')
  expect(
    new SessionCookie({ ...SETTINGS, secret: 'another secret, long enough' }, 'shop').tagOf('shop/1'),
  ).not.toBe(tag)
})

it('is not for another pool, another secret, another time', () => {
  const value = cookie.issue(tag, NOW)
  expect(new SessionCookie(SETTINGS, 'other').read(value, NOW)).toBeUndefined()
  expect(
    new SessionCookie({ ...SETTINGS, secret: 'another secret, long enough' }, 'shop').read(value, NOW),
  ).toBeUndefined()
  expect(cookie.read(value, NOW + 3_600_000)).toBeDefined()
  expect(cookie.read(value, NOW + 3_601_000)).toBeUndefined()
  expect(cookie.read(value, NOW - 120_000)).toBeUndefined()
})

it('no change of any bit is accepted, nor anything that anyone makes up', () => {
  const bytes = Buffer.from(cookie.issue(tag, NOW), 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const forged = Buffer.from(bytes)
    forged[bit >> 3]! ^= 1 << (bit & 7)
    expect(cookie.read(forged.toString('base64url'), NOW)).toBeUndefined()
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String({ minLength: 60, maxLength: 60 })), (text) => {
      expect(cookie.read(text, NOW)).toBeUndefined()
    }),
  )
})

it('is for this site, over TLS where there is TLS, and not for scripts', () => {
  expect(cookie.header(tag, NOW, false)).toMatch(
    /^lb-session=[\w-]{60}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
  )
  expect(cookie.header(tag, NOW, true)).toMatch(/; SameSite=Lax; Secure$/)
})

it('a secret is made once, for its owner only, and made anew when it was written in part', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'millrace-secret-'))
  try {
    const file = join(dir, 'gateway', 'session-secret')
    const [one, other] = await Promise.all([loadOrCreateSecret(file), loadOrCreateSecret(file)])
    expect([one, other]).toContain((await readFile(file, 'utf8')).trim())
    expect(await loadOrCreateSecret(file)).toBe((await readFile(file, 'utf8')).trim())
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    await chmod(file, 0o600)
    await writeFile(file, 'short')
    expect((await loadOrCreateSecret(file)).length).toBeGreaterThan(40)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
