import { afterEach, expect, it } from 'vitest'
import type { GatewayTable } from '../src/drivers/driver.ts'
import { createHaproxyGateway } from '../src/drivers/haproxy/haproxy.ts'
import { createGateway } from '../src/drivers/node.ts'
import { Fixture, type CreateEngine } from '../src/testing/fixture.ts'

const fixtures: Fixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})

const sticky = { kind: 'cookie', cookieName: 's', maxAgeMs: 60_000, secret: '0123456789abcdef' } as const
const ENGINES: [string, CreateEngine, CreateEngine][] = [
  ['node to haproxy', createGateway, createHaproxyGateway],
  ['haproxy to node', createHaproxyGateway, createGateway],
]

it.each(ENGINES)(
  'a session and a place in an A/B test outlast the change from %s',
  async (_name, from, to) => {
    const before = new Fixture(from)
    fixtures.push(before)
    const backends = async (pool: string): Promise<{ id: string; host: string; port: number }[]> =>
      Promise.all(
        Array.from({ length: 4 }, async (_, at) => ({
          id: `${pool}/${at}`,
          host: '127.0.0.1',
          port: await before.backend((_req, res) => res.end(`${pool}/${at}`)),
        })),
      )
    const table: GatewayTable = {
      routes: [
        { prefix: '/', pool: 'app' },
        {
          prefix: '/ab',
          pool: 'a',
          split: {
            name: 'test',
            kind: 'ab',
            parts: [
              { pool: 'a', share: 50 },
              { pool: 'b', share: 50 },
            ],
          },
        },
      ],
      pools: [
        { name: 'app', sticky, backends: await backends('app') },
        { name: 'a', backends: (await backends('a')).slice(0, 1) },
        { name: 'b', backends: (await backends('b')).slice(0, 1) },
      ],
    }
    await before.start(table)
    const after = new Fixture(to)
    fixtures.push(after)
    await after.start(table)
    for (const path of ['/', '/ab']) {
      const answered = new Set<string>()
      for (let visitor = 0; visitor < 8; visitor++) {
        const first = await before.ask(path, { headers: { 'user-agent': `visitor ${visitor}` } })
        const [cookie] = first.headers['set-cookie']![0]!.split(';') as [string]
        answered.add(first.text)
        for (let again = 0; again < 3; again++) {
          const next = await after.ask(path, { headers: { cookie, 'user-agent': 'other' } })
          expect(next.text).toBe(first.text)
          expect(next.headers['set-cookie']).toBeUndefined()
        }
      }
      expect(answered.size).toBeGreaterThan(1)
    }
  },
)
