import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@millrace/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileTrustedProxies } from '../../src/proxy/trusted-proxies.ts'
import { clientAddress } from '../../src/routing/client-address.ts'
import { CountryDatabase, countryOf } from '../../src/routing/countries.ts'
import { countryFile } from '../support/mmdb.ts'

const request = (remoteAddress: string, headers: Record<string, string> = {}) => ({
  headers,
  socket: { remoteAddress },
})
const trusted = compileTrustedProxies(['10.0.0.0/8'])

/** Undefined also where the file is refused as a whole. */
function countryIn(file: string, address: string): string | undefined {
  let database: CountryDatabase
  try {
    database = new CountryDatabase(file, silentLogger)
  } catch {
    return undefined
  }
  const country = database.country(address)
  database.close()
  return country
}

describe('countries', () => {
  let dir: string
  let database: CountryDatabase | undefined
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'millrace-countries-'))))
  afterEach(() => {
    database?.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const open = (networks: Record<string, string>): string => {
    const file = join(dir, 'country.mmdb')
    writeFileSync(file, countryFile(networks))
    database = new CountryDatabase(file, silentLogger)
    return file
  }

  it('come from a file, by the visitor’s address', () => {
    open({ '203.0.113.0/24': 'AT', '198.51.100.0/25': 'CH' })
    expect(database!.country('203.0.113.9')).toBe('AT')
    expect(database!.country('198.51.100.127')).toBe('CH')
    expect(database!.country('198.51.100.128')).toBeUndefined()
    for (const none of [undefined, '', 'unknown', '203.0.113', '::1'])
      expect(database!.country(none)).toBeUndefined()
  })

  it('follow the file when it changes, and outlive a broken one', async () => {
    const file = open({ '203.0.113.0/24': 'AT' })
    writeFileSync(join(dir, 'next'), countryFile({ '203.0.113.0/24': 'DE' }))
    renameSync(join(dir, 'next'), file)
    await database!.check()
    expect(database!.country('203.0.113.9')).toBe('DE')
    writeFileSync(file, 'not a database')
    await database!.check()
    expect(database!.country('203.0.113.9')).toBe('DE')
    rmSync(file)
    await database!.check()
    expect(database!.country('203.0.113.9')).toBe('DE')
  })

  it('know nothing of what is damaged in the file, and fail no request', () => {
    const whole = countryFile({ '203.0.113.0/24': 'AT', '198.51.100.0/25': 'CH' })
    const file = join(dir, 'damaged.mmdb')
    const seen = new Set<string | undefined>()
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 0xff
      writeFileSync(file, damaged)
      for (const address of ['203.0.113.9', '198.51.100.1', '2001:db8::1']) seen.add(countryIn(file, address))
    }
    expect(seen).toContain('AT')
    expect([...seen].filter((country) => country !== undefined && !/^[A-Z]{2}$/.test(country))).toEqual([])
  })

  it('a file that is none is said so at the start', () => {
    const file = join(dir, 'none.mmdb')
    expect(() => new CountryDatabase(file, silentLogger)).toThrow(/none\.mmdb/)
    writeFileSync(file, 'not a database')
    expect(() => new CountryDatabase(file, silentLogger)).toThrow(
      expect.objectContaining({ code: 'GATEWAY_COUNTRY_DATABASE_INVALID' }),
    )
  })

  it('come from a header of trusted proxies only', () => {
    open({ '203.0.113.0/24': 'AT' })
    const sources = { header: 'cf-ipcountry', database, trusted }
    expect(countryOf(sources, request('10.1.1.1', { 'cf-ipcountry': 'fr' }))).toBe('FR')
    expect(countryOf(sources, request('203.0.113.9', { 'cf-ipcountry': 'FR' }))).toBe('AT')
    // It does not know: the file may.
    for (const vague of ['XX', 'T1', 'france', ''])
      expect(
        countryOf(sources, request('10.1.1.1', { 'cf-ipcountry': vague, 'x-forwarded-for': '203.0.113.9' })),
      ).toBe('AT')
    expect(
      countryOf({ ...sources, header: undefined }, request('10.1.1.1', { 'cf-ipcountry': 'FR' })),
    ).toBeUndefined()
  })
})

it('a visitor’s address is the last that no trusted proxy has', () => {
  const of = (remote: string, forwarded?: string): string | undefined =>
    clientAddress(request(remote, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }), trusted)
  expect(of('203.0.113.9', '1.1.1.1')).toBe('203.0.113.9')
  expect(of('::ffff:203.0.113.9')).toBe('203.0.113.9')
  expect(of('10.0.0.1', '1.1.1.1, 203.0.113.9')).toBe('203.0.113.9')
  expect(of('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.2.2.2')).toBe('203.0.113.9')
  expect(of('10.0.0.1', '10.3.3.3, 10.2.2.2')).toBe('10.3.3.3')
  expect(of('10.0.0.1')).toBe('10.0.0.1')
  expect(of('10.0.0.1', '')).toBe('10.0.0.1')
})
