import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import type { PoolEntry } from '../../drivers/driver.ts'
import { rawExchange, statuses } from '../raw-connection.ts'

export const routingSuite: EngineSuitePart = (fixture) => {
  const pool = async (name: string, extra: Partial<PoolEntry> = {}): Promise<PoolEntry> => {
    const port = await fixture().backend((req, res) =>
      res.end(JSON.stringify({ name, url: req.url, prefix: req.headers['x-forwarded-prefix'] })),
    )
    return { name, backends: [{ id: `${name}/1`, host: '127.0.0.1', port }], ...extra }
  }

  it('by the longest prefix on whole segments, without it where configured', async () => {
    await fixture().start({
      routes: [
        { prefix: '/shop', pool: 'shop' },
        { prefix: '/', pool: 'web' },
        { prefix: '/shop/api', pool: 'api', stripPrefix: true },
      ],
      pools: [await pool('web'), await pool('shop'), await pool('api')],
    })
    const ask = async (path: string): Promise<unknown> => JSON.parse((await fixture().ask(path)).text)
    expect(await ask('/shop')).toMatchObject({ name: 'shop', url: '/shop' })
    expect(await ask('/shop?x')).toMatchObject({ name: 'shop', url: '/shop?x' })
    expect(await ask('/shopping')).toMatchObject({ name: 'web', url: '/shopping' })
    expect(await ask('/shop/api/1?x')).toEqual({ name: 'api', url: '/1?x', prefix: '/shop/api' })
    expect(await ask('/shop/api')).toMatchObject({ name: 'api', url: '/' })
  })

  it('404 where no route matches, as HTML for browsers', async () => {
    await fixture().start({ routes: [{ prefix: '/only', pool: 'web' }], pools: [await pool('web')] })
    const answer = await fixture().ask('/other')
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'GATEWAY_NO_ROUTE', status: 404 })
    const page = await fixture().ask('/other', { headers: { accept: 'text/html,*/*' } })
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  })

  it('loopback routes exist for this machine only, and not for what was forwarded', async () => {
    await fixture().start({
      routes: [{ prefix: '/admin', pool: 'web', access: 'loopback' }],
      pools: [await pool('web')],
    })
    expect((await fixture().ask('/admin')).status).toBe(200)
    for (const name of [
      'x-forwarded-for',
      'forwarded',
      'x-real-ip',
      'X-Forwarded-Host',
      'Via',
      'CF-Connecting-IP',
      'True-Client-IP',
    ]) {
      expect((await fixture().ask('/admin', { headers: { [name]: '1.2.3.4' } })).status).toBe(404)
    }
  })

  it('loopback routes exist under names that can only mean this machine (DNS rebinding)', async () => {
    await fixture().start({
      routes: [
        { prefix: '/admin', pool: 'admin', access: 'loopback' },
        { prefix: '/', pool: 'web' },
      ],
      pools: [await pool('admin'), await pool('web')],
    })
    const { port } = fixture()
    const ask = async (target: string, host: string | undefined, version = '1.1'): Promise<number[]> =>
      statuses(
        await rawExchange(
          port,
          `GET ${target} HTTP/${version}\r\n${host === undefined ? '' : `Host: ${host}\r\n`}Connection: close\r\n\r\n`,
        ),
      )
    for (const host of [
      'localhost',
      `LOCALHOST:${port}`,
      'a.localhost',
      '127.0.0.1:1',
      '127.1.2.3',
      `[::1]:${port}`,
    ])
      expect(await ask('/admin', host)).toEqual([200])
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      'xlocalhost',
      '',
    ])
      expect(await ask('/admin/x', host)).toEqual([404])
    // A target that names another host than Host may also be refused as such.
    expect([[404], [400]]).toContainEqual(await ask('http://evil.example/admin', 'localhost'))
    expect(await ask('/admin', undefined, '1.0')).toEqual([404])
  })

  it('no spelling of a path but its own reaches a loopback route', async () => {
    await fixture().start({
      routes: [
        { prefix: '/admin', pool: 'admin', access: 'loopback' },
        { prefix: '/', pool: 'web' },
      ],
      pools: [await pool('admin'), await pool('web')],
    })
    for (const path of [
      '/%61dmin',
      '/./admin',
      '//admin',
      '/x/../admin',
      '/admin%2f',
      '/admin;x',
      '/ADMIN',
      '/.//admin',
      '/admin%00',
    ]) {
      const { text } = await fixture().ask(path)
      expect(JSON.parse(text)).toMatchObject({ name: 'web', url: path })
    }
  })

  it('round robin gives each backend its turn; least connections prefers the idle one', async () => {
    const counts = [0, 0]
    const held: (() => void)[] = []
    const backend = (index: number): Promise<number> =>
      fixture().backend((req, res) => {
        counts[index]!++
        if (req.url === '/hold') held.push(() => res.end())
        else res.end()
      })
    const backends = [await backend(0), await backend(1)].map((port, i) => ({
      id: `b/${i}`,
      host: '127.0.0.1',
      port,
    }))
    const table = (balance: 'round-robin' | 'least-connections') => ({
      routes: [{ prefix: '/', pool: 'b' }],
      pools: [{ name: 'b', balance, backends }],
    })
    await fixture().start(table('round-robin'))
    for (let i = 0; i < 10; i++) await fixture().ask('/')
    expect(counts).toEqual([5, 5])
    await fixture().engine.update(table('least-connections'))
    const holding = fixture().ask('/hold')
    await expect.poll(() => held.length).toBe(1)
    const busy = counts[0] === 6 ? 0 : 1
    for (let i = 0; i < 6; i++) await fixture().ask('/')
    expect(counts[busy]).toBe(6)
    expect(counts[1 - busy]).toBe(11)
    held[0]!()
    await holding
  })

  it('a table that is not consistent is refused with every problem', async () => {
    await fixture().start({ routes: [{ prefix: '/', pool: 'web' }], pools: [await pool('web')] })
    await expect(
      fixture().engine.update({
        routes: [
          { prefix: 'x', pool: 'web' },
          { prefix: '/', pool: 'gone' },
        ],
        pools: [{ name: 'web', backends: [{ id: 'a', host: 'h', port: 0 }] }],
      }),
    ).rejects.toMatchObject({
      code: 'GATEWAY_TABLE_INVALID',
      details: { problems: expect.objectContaining({ length: 3 }) },
    })
    expect((await fixture().ask('/')).status).toBe(200)
  })
}
