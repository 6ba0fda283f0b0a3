import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture, onePool, RawConnection } from '../../src/testing/index.ts'
import { packets, requests, response } from './fuzz/grammar.ts'
import { Random } from './fuzz/random.ts'

const VISITORS = 1_500
const LANES = 24

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture((options) => createGateway({ ...options, http1: 'strict' }))
})
afterEach(() => fixture.close())

it('visitors and backends that send anything, and leave at any moment, leave nothing behind', async () => {
  const random = new Random(31_337)
  const chaos = await fixture.rawBackend((socket) =>
    socket.on('data', () => {
      for (const part of packets(random, response(random))) socket.write(part)
      if (random.chance(0.3)) socket.end()
      else if (random.chance(0.2)) socket.destroy()
    }),
  )
  const calm = await fixture.backend((req, res) => {
    req.resume()
    req.on('end', () => res.end('calm'))
  })
  const { pools } = onePool(chaos)
  await fixture.start(
    {
      routes: [
        { prefix: '/', pool: 'app' },
        { prefix: '/calm', pool: 'calm' },
      ],
      pools: [...pools, onePool(calm, 'calm').pools[0]!],
    },
    { timeouts: { responseMs: 100, idleMs: 100, queueMs: 100, headersMs: 200, requestMs: 400 } },
  )
  let answered = 0
  const visit = async (): Promise<void> => {
    const connection = await RawConnection.open(fixture.port)
    for (const part of packets(random, requests(random))) connection.write(part)
    // Some wait for an answer, some for the end, some leave at once.
    const patience = random.below(3)
    if (patience > 0)
      await connection
        .until((text) => (patience === 1 && text !== '') || connection.closed !== undefined, 300)
        .catch(() => '')
    if (connection.text !== '') answered++
    if (random.chance(0.5)) connection.reset()
    else connection.destroy()
  }
  let visits = 0
  const lane = async (): Promise<void> => {
    while (visits++ < VISITORS) await visit()
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  expect(answered).toBeGreaterThan(VISITORS / 4)
  await expect
    .poll(
      async () => {
        const { connections, inFlight, pools: all } = await fixture.engine.stats()
        return [connections, inFlight, ...all.map(({ queued, backends }) => queued + backends[0]!.inFlight)]
      },
      { timeout: 10_000 },
    )
    .toEqual([0, 0, 0, 0])
  expect((await fixture.ask('/calm', { method: 'POST', body: 'x' })).text).toBe('calm')
}, 60_000)
