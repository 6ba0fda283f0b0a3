import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { talliedPool } from './tallied-pools.ts'

const trusting = { trustedProxies: ['loopback'] }

export const balancingSuite: EngineSuitePart = (fixture) => {
  const ask = async (count: number, from?: (index: number) => string): Promise<string[]> => {
    const agent = fixture().agent()
    const answers: string[] = []
    for (let i = 0; i < count; i++) {
      const headers: Record<string, string> = from === undefined ? {} : { 'x-forwarded-for': from(i) }
      answers.push((await fixture().ask('/', { agent, headers })).text)
    }
    return answers
  }

  it('by weight', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined])
    const { pools, routes } = pool.table
    const backends = pools[0]!.backends.map((backend, index) => ({ ...backend, weight: index === 0 ? 3 : 1 }))
    await fixture().start({ routes, pools: [{ ...pools[0]!, balance: 'weighted-round-robin', backends }] })
    await ask(80)
    expect(pool.counts).toEqual([60, 20])
  })

  it('by the visitor’s address: each stays where it is, and they are spread', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined, undefined], { balance: 'ip-hash' })
    await fixture().start(pool.table, trusting)
    const first = await ask(30, (index) => `192.0.2.${index}`)
    expect(new Set(first).size).toBe(3)
    expect(await ask(30, (index) => `192.0.2.${index}`)).toEqual(first)
    // A visitor may choose addresses of its own in a /64.
    expect(new Set(await ask(20, (index) => `2001:db8:1:2::${index + 1}`)).size).toBe(1)
    // What an unknown proxy claims is not believed, and the last address that is not a trusted proxy's counts.
    expect(new Set(await ask(20, (index) => `192.0.2.${index}, 203.0.113.9`)).size).toBe(1)
  })

  it('a visitor whose backend goes finds another, the others stay', async () => {
    const pool = await talliedPool(fixture(), [undefined, undefined, undefined, undefined], {
      balance: 'ip-hash',
    })
    await fixture().start(pool.table, trusting)
    const before = await ask(40, (index) => `198.51.100.${index}`)
    await fixture().engine.drain('app/2', 1_000)
    const after = await ask(40, (index) => `198.51.100.${index}`)
    expect(after).not.toContain('app/2')
    const moved = before.filter((backend, index) => backend !== 'app/2' && backend !== after[index])
    expect(moved.length).toBeLessThanOrEqual(4)
  })

  it('a slow backend gets little of the traffic (least response time)', async () => {
    const slow = (_req: unknown, res: { end(text: string): void }): void =>
      void setTimeout(() => res.end('slow'), 100)
    const pool = await talliedPool(fixture(), [undefined, slow, undefined])
    const table = pool.with({ balance: 'least-response-time' })
    if (!(await fixture().startWith('balance', table))) return
    await ask(60)
    expect(pool.counts[1]).toBeLessThanOrEqual(3)
    const { backends } = (await fixture().engine.stats()).pools[0]!
    expect(backends[1]!.latencyMs).toBeGreaterThan(50)
    expect(backends[0]!.latencyMs).toBeLessThan(50)
  })

  it('of two drawn at random the one with fewer requests in flight', async () => {
    const held: (() => void)[] = []
    const pool = await talliedPool(
      fixture(),
      [
        (req, res) => (req.url === '/hold' ? void held.push(() => res.end()) : res.end('1')),
        undefined,
        undefined,
      ],
      { balance: 'two-choices' },
    )
    await fixture().start(pool.table)
    const holding: Promise<unknown>[] = []
    // Until the first backend has one that it holds on to; the others answer at once.
    while (pool.counts[0] === 0) {
      const answer = fixture().ask('/hold')
      holding.push(answer)
      const reached = eventually(() => held.length > 0, 'the first backend was asked')
      await Promise.race([answer, reached])
      reached.catch(() => undefined)
    }
    const before = pool.counts[0]!
    await ask(30)
    expect(pool.counts[0]).toBe(before)
    for (const release of held) release()
    await Promise.all(holding)
  })

  it('a backend’s own limit of requests in progress', async () => {
    const held: (() => void)[] = []
    const pool = await talliedPool(fixture(), [(_req, res) => void held.push(() => res.end('held'))])
    const backends = pool.table.pools[0]!.backends.map((backend) => ({ ...backend, maxConnections: 2 }))
    await fixture().start(pool.with({ backends }))
    const answers = Array.from({ length: 5 }, () => fixture().ask('/'))
    await expect.poll(async () => (await fixture().engine.stats()).pools[0]!.queued).toBe(3)
    expect(held).toHaveLength(2)
    for (let i = 0; i < 5; i++) {
      await expect.poll(() => held.length).toBeGreaterThan(i)
      held[i]!()
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })
}
