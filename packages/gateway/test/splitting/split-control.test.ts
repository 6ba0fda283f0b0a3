import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHostPorts,
  createLogger,
  platformConfig,
  silentLogger,
  type PlatformConfig,
} from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gatewayConfig } from '../../src/config.ts'
import { checkTable } from '../../src/drivers/check-table.ts'
import { SplitControl } from '../../src/splitting/split-control.ts'
import { TableSource } from '../../src/supervisor/table-source.ts'

const part = (application: string, share: number) => ({ application, share })
const platform = (): PlatformConfig =>
  platformConfig.parse({
    applications: {
      shop: {
        command: 'x',
        routes: [
          {
            path: '/',
            host: 'shop.example',
            split: { name: 'next', kind: 'canary', parts: [part('shop', 100), part('shop-next', 0)] },
            mirror: { application: 'shadow', share: 5 },
          },
          { path: '/', headers: [{ name: 'x-beta', value: '1' }], methods: ['GET'], countries: ['AT'] },
        ],
      },
      'shop-next': { command: 'x' },
      shadow: { command: 'x' },
      site: {
        command: 'x',
        routes: [
          {
            path: '/site',
            split: { name: 'colours', kind: 'blue-green', parts: [part('site', 100), part('green', 0)] },
          },
        ],
      },
      green: { command: 'x' },
    },
  })

describe('splits of the platform', () => {
  let dir: string
  let changes = 0
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'millrace-splits-'))
    changes = 0
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const open = (logger = silentLogger): Promise<SplitControl> =>
    SplitControl.open({
      platform: platform(),
      file: join(dir, 'splits.json'),
      clock: fakeClock(),
      logger,
      changed: () => void changes++,
    })
  const tableOf = (control: SplitControl) => {
    const ports = createHostPorts()
    ports.addRoute({ prefix: '/_millrace/image', pool: 'assets' })
    const { table } = new TableSource(gatewayConfig.parse({}), platform(), ports, '').build(() => true)
    return { ...table, routes: control.apply(table.routes) }
  }

  it('what cannot be written is written when it can be', async () => {
    const clock = fakeClock()
    const file = join(dir, 'later', 'splits.json')
    const options = { platform: platform(), file, clock, logger: silentLogger, changed: () => undefined }
    const control = await SplitControl.open(options)
    control.get('colours').switchTo('green')
    await control.saved()
    expect(existsSync(file)).toBe(false)
    mkdirSync(join(dir, 'later'))
    await clock.advance(10_000)
    await control.saved()
    const again = await SplitControl.open(options)
    expect(again.get('colours').shares).toEqual({ site: 0, green: 100 })
  })

  it('become routes, with the shares of the moment, which are kept over a restart', async () => {
    const control = await open()
    const parts = () => tableOf(control).routes[0]!.split!.parts
    expect(tableOf(control).routes[0]).toEqual({
      prefix: '/',
      pool: 'shop',
      host: 'shop.example',
      stripPrefix: false,
      split: {
        name: 'next',
        kind: 'canary',
        parts: [
          { pool: 'shop', share: 100 },
          { pool: 'shop-next', share: 0 },
        ],
      },
      mirror: { pool: 'shadow', share: 5, maxBodyBytes: 65_536 },
    })
    control.get('next').start()
    control.get('colours').switchTo('green')
    expect(changes).toBe(2)
    expect(parts()).toEqual([
      { pool: 'shop', share: 99 },
      { pool: 'shop-next', share: 1 },
    ])
    checkTable(tableOf(control))
    await control.saved()
    const again = await open()
    expect(again.get('next').shares).toEqual({ shop: 99, 'shop-next': 1 })
    expect(again.running).toBe(true)
    expect(again.get('colours').rollback().to).toEqual({ site: 100, green: 0 })
    expect(() => again.get('other')).toThrow(/next, colours/)
    await again.saved()
  })

  it('a host’s own routes do not take internal services from it', async () => {
    const services = tableOf(await open()).routes.filter(({ pool }) => pool === 'assets')
    expect(services.map(({ host, prefix }) => `${host ?? '*'}${prefix}`)).toEqual([
      '*/_millrace/image',
      'shop.example/_millrace/image',
    ])
  })

  it('what cannot be read is reported, and the splits are as configured', async () => {
    writeFileSync(join(dir, 'splits.json'), '{"next":1}')
    const control = await open(createLogger({ destination: join(dir, 'log') }))
    expect(control.get('next').shares).toEqual({ shop: 100, 'shop-next': 0 })
    await expect.poll(() => readFileSync(join(dir, 'log'), 'utf8')).toContain('as configured')
  })

  it('every decision is a line in the log with its numbers', async () => {
    const control = await open(createLogger({ destination: join(dir, 'log') }))
    control.get('next').promote('we are sure')
    await expect.poll(() => readFileSync(join(dir, 'log'), 'utf8')).toMatch(/\n$/)
    expect(JSON.parse(readFileSync(join(dir, 'log'), 'utf8'))).toMatchObject({
      split: 'next',
      decision: 'promote',
      by: 'operator',
      from: { shop: 100, 'shop-next': 0 },
      to: { shop: 0, 'shop-next': 100 },
      reason: 'we are sure',
    })
    // Where it cannot be kept it is in force all the same.
    rmSync(dir, { recursive: true, force: true })
    control.get('next').rollback()
    await control.saved()
    expect(control.get('next').shares['shop-next']).toBe(0)
  })
})
