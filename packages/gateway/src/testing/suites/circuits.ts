import type { RequestListener } from 'node:http'
import { expect, it } from 'vitest'
import type { BackendStats, CircuitBreaker, OutlierDetection } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { talliedPool } from './tallied-pools.ts'

const BREAKER: CircuitBreaker = {
  errorRatio: 0.5,
  minRequests: 4,
  windowMs: 200,
  openMs: 200,
  steps: [10, 50, 100],
}
const OUTLIER: OutlierDetection = { consecutiveFailures: 3, maxEjectedShare: 0.5, baseEjectMs: 400 }

/** Fails, slowly or with an error, for as long as `broken` says. */
const failing =
  (broken: () => boolean, how: 'error' | 'reset' | 'slow' = 'error'): RequestListener =>
  (req, res) => {
    if (!broken()) res.end('ok')
    else if (how === 'reset') req.socket.destroy()
    else if (how === 'slow') setTimeout(() => res.end('late'), 60)
    else res.writeHead(500).end('broken')
  }

export const circuitsSuite: EngineSuitePart = (fixture) => {
  const backends = async (): Promise<BackendStats[]> => (await fixture().engine.stats()).pools[0]!.backends
  const ask = async (count: number): Promise<number[]> => {
    const statuses: number[] = []
    for (let i = 0; i < count; i++) statuses.push((await fixture().ask('/')).status)
    return statuses
  }

  it('a backend that answers with errors is taken out, and comes back in steps', async () => {
    let broken = true
    const pool = await talliedPool(fixture(), [failing(() => broken), undefined])
    if (!(await fixture().startWith('breaker', pool.with({ breaker: { ...BREAKER, openMs: 1_000 } })))) return
    await ask(10)
    expect((await backends())[0]).toMatchObject({ circuit: 'open', admitted: 0, state: 'up' })
    const { counts } = pool
    const before = counts[0]!
    expect(new Set(await ask(20))).toEqual(new Set([200]))
    expect(counts[0]).toBe(before)
    broken = false
    const seen: number[] = []
    await expect
      .poll(
        async () => {
          await ask(2)
          const { circuit, admitted } = (await backends())[0]!
          if (circuit === 'recovering' && seen.at(-1) !== admitted) seen.push(admitted)
          return circuit
        },
        { timeout: 10_000, interval: 10 },
      )
      .toBe('closed')
    expect(seen).toEqual([0.1, 0.5, 1])
    expect((await backends())[0]!.admitted).toBe(1)
    expect(counts[0]).toBeGreaterThan(before)
  })

  it('one that stays broken is opened again, and visitors hardly see it', async () => {
    const pool = await talliedPool(fixture(), [failing(() => true), undefined, undefined])
    if (!(await fixture().startWith('breaker', pool.with({ breaker: { ...BREAKER, openMs: 50 } })))) return
    await ask(15)
    const before = pool.counts[0]!
    const statuses = await ask(1_000)
    expect(statuses.filter((status) => status === 500).length).toBe(pool.counts[0]! - before)
    // A third without a breaker. An engine that looks ten times a second lets more through at first.
    expect(statuses.filter((status) => status === 500).length).toBeLessThan(200)
  })

  it('one that is slow is taken out', async () => {
    const pool = await talliedPool(fixture(), [failing(() => true, 'slow'), undefined])
    const breaker = { ...BREAKER, latencyMs: 30, windowMs: 2_000, openMs: 60_000 }
    if (!(await fixture().startWith('breaker', pool.with({ breaker })))) return
    await ask(10)
    expect((await backends())[0]!.circuit).toBe('open')
    const before = pool.counts[0]!
    await ask(10)
    expect(pool.counts[0]).toBe(before)
  })

  it('one that hangs is taken out although visitors leave before any timeout', async () => {
    const pool = await talliedPool(fixture(), [() => undefined, undefined])
    const breaker = { ...BREAKER, latencyMs: 30, windowMs: 5_000, openMs: 60_000 }
    if (!(await fixture().startWith('breaker', pool.with({ breaker })))) return
    for (let i = 0; i < 16; i++)
      await fixture()
        .ask('/', { timeoutMs: 80 })
        .catch(() => undefined)
    await expect.poll(async () => (await backends())[0]!.circuit).toBe('open')
    const before = pool.counts[0]!
    expect(new Set(await ask(10))).toEqual(new Set([200]))
    expect(pool.counts[0]).toBe(before)
  })

  it('when too many would be out, all are used', async () => {
    let broken = 2
    const pool = await talliedPool(fixture(), [
      failing(() => broken > 0),
      failing(() => broken > 1),
      undefined,
    ])
    const breaker = { ...BREAKER, windowMs: 2_000, openMs: 60_000 }
    if (!(await fixture().startWith('breaker', pool.with({ breaker })))) return
    await ask(30)
    expect((await backends()).map(({ circuit }) => circuit)).toEqual(['open', 'open', 'closed'])
    expect((await backends()).map(({ admitted }) => admitted)).toEqual([1, 1, 1])
    const before = [...pool.counts]
    broken = 0
    expect(new Set(await ask(30))).toEqual(new Set([200]))
    for (const [index, count] of pool.counts.entries()) expect(count).toBeGreaterThan(before[index]! + 5)
  })

  it('failures in a row leave a backend out for a while', async () => {
    let broken = true
    const pool = await talliedPool(fixture(), [failing(() => broken), undefined])
    const outlier = { ...OUTLIER, serverErrors: true }
    if (!(await fixture().startWith('outlier', pool.with({ outlier })))) return
    const statuses = await ask(20)
    expect(statuses.filter((status) => status === 500)).toHaveLength(3)
    expect((await backends()).map(({ ejected }) => ejected)).toEqual([true, false])
    broken = false
    await expect.poll(async () => (await backends())[0]!.ejected, { timeout: 5_000 }).toBe(false)
    const before = pool.counts[0]!
    await ask(10)
    expect(pool.counts[0]).toBe(before + 5)
  })

  it('a backend that cuts connections is left out, but never more than the stated share', async () => {
    const pool = await talliedPool(fixture(), [
      failing(() => true, 'reset'),
      failing(() => true, 'reset'),
      failing(() => true, 'reset'),
      undefined,
    ])
    const outlier = { ...OUTLIER, baseEjectMs: 60_000 }
    if (!(await fixture().startWith('outlier', pool.with({ outlier })))) return
    await ask(40)
    const stats = await backends()
    expect(stats.filter(({ ejected }) => ejected)).toHaveLength(2)
    expect(stats[3]!.ejected).toBe(false)
  })
}
