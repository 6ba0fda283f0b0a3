import { expect, it } from 'vitest'
import type { GatewayTable } from '../../drivers/driver.ts'
import type { EngineSuitePart } from '../engine-suite.ts'
import { eventually } from '../fixture.ts'
import { load } from '../load.ts'
import { statuses } from '../raw-connection.ts'

export const drainingSuite: EngineSuitePart = (fixture) => {
  const answering = (delayMs = 2): Promise<number> =>
    fixture().backend((req, res) => {
      req.resume()
      req.on('end', () => setTimeout(() => res.end('ok'), delayMs))
    })
  const entry = (port: number, state: 'up' | 'draining' | 'down' = 'up') => ({
    id: `app/${port}`,
    host: '127.0.0.1',
    port,
    state,
  })
  const table = (...backends: ReturnType<typeof entry>[]): GatewayTable => ({
    routes: [{ prefix: '/', pool: 'app' }],
    pools: [{ name: 'app', backends }],
  })

  it('a drained backend gets nothing new, finishes what it has, and can be taken back', async () => {
    const held: (() => void)[] = []
    let holding = true
    const first = await fixture().backend((_req, res) => {
      if (holding) held.push(() => res.end('first'))
      else res.end('first')
    })
    const second = await fixture().backend((_req, res) => res.end('second'))
    await fixture().start(table(entry(first)))
    const { engine } = fixture()
    const pending = fixture().ask('/')
    await eventually(() => held.length === 1, 'the request is at the backend')
    await engine.update(table(entry(first), entry(second)))
    const drained = engine.drain(`app/${first}`, 5_000)
    await expect.poll(async () => (await engine.stats()).pools[0]!.backends[0]!.state).toBe('draining')
    for (let i = 0; i < 6; i++) expect((await fixture().ask('/')).text).toBe('second')
    // A new table does not bring it back.
    await engine.update(table(entry(first), entry(second)))
    expect((await fixture().ask('/')).text).toBe('second')
    held[0]!()
    expect((await pending).text).toBe('first')
    expect(await drained).toEqual({ inFlight: 0 })
    await engine.undrain(`app/${first}`)
    holding = false
    await expect.poll(async () => (await fixture().ask('/')).text).toBe('first')
  })

  it('drain says what is left after its time', async () => {
    const port = await fixture().backend((_req, res) => void setTimeout(() => res.end(), 400))
    await fixture().start(table(entry(port)))
    const pending = fixture().ask('/')
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    expect(await fixture().engine.drain(`app/${port}`, 20)).toEqual({ inFlight: 1 })
    expect((await pending).status).toBe(200)
    await expect(fixture().engine.drain('app/none', 1)).rejects.toMatchObject({
      code: 'GATEWAY_BACKEND_UNKNOWN',
    })
  })

  it('no request fails while backends come and go under load', async () => {
    let current = await answering()
    await fixture().start(table(entry(current)))
    const { engine } = fixture()
    const running = load(fixture())
    for (let i = 0; i < 8; i++) {
      const next = await answering()
      await engine.update(table(entry(current), entry(next)))
      await engine.update(table(entry(current, 'draining'), entry(next)))
      expect(await engine.drain(`app/${current}`, 5_000)).toEqual({ inFlight: 0 })
      await engine.update(table(entry(next)))
      current = next
      const before = running.answered()
      await eventually(() => running.answered() > before + 20, 'the load goes on')
    }
    expect((await running.stop()).failed).toEqual([])
  })

  it('close answers what is in flight with Connection: close, then accepts nothing', async () => {
    const held: (() => void)[] = []
    const port = await fixture().backend((_req, res) => void held.push(() => res.end('done')))
    await fixture().start(table(entry(port)), { timeouts: { lingerMs: 300 } })
    const busy = await fixture().connect()
    const idle = await fixture().connect()
    idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(() => held.length === 1, 'one is at the backend')
    held.shift()!()
    await idle.until((text) => text.endsWith('done'))
    busy.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(() => held.length === 1, 'another is at the backend')
    const closing = fixture().engine.close({ deadlineMs: 5_000 })
    const refusal = (): Promise<string | undefined> =>
      fixture()
        .connect()
        .then((extra) => {
          extra.destroy()
          return undefined
        })
        .catch((error: { code?: string }) => error.code)
    await expect.poll(refusal).toBe('ECONNREFUSED')
    // A request that was on its way over an idle connection is answered as well.
    idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(() => held.length === 2, 'the late one is at the backend')
    for (const finish of held.splice(0)) finish()
    for (const connection of [busy, idle]) {
      await connection.untilClosed()
      expect(statuses(connection.text).every((status) => status === 200)).toBe(true)
      expect(connection.text.toLowerCase()).toContain('connection: close')
    }
    await closing
  })

  it('close cuts what is left at its deadline', async () => {
    const port = await fixture().backend(() => undefined)
    await fixture().start(table(entry(port)))
    const pending = fixture().ask('/')
    pending.catch(() => undefined)
    await expect.poll(async () => (await fixture().engine.stats()).inFlight).toBe(1)
    const startedAt = performance.now()
    await fixture().engine.close({ deadlineMs: 200 })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await expect(pending).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
}
