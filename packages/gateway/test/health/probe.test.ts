import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { probe } from '../../src/health/probe.ts'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'

describe('probe', () => {
  let fixture: Fixture
  beforeEach(() => {
    fixture = new Fixture(createGateway)
  })
  afterEach(() => fixture.close())
  const ask = (port: number, path?: string, timeoutMs = 1_000) =>
    probe({ id: 'a', host: '127.0.0.1', port }, { path, timeoutMs })

  it('GET below 500 is healthy, whatever else it says', async () => {
    let status = 200
    const port = await fixture.backend((_req, res) => res.writeHead(status).end('x'))
    expect(await ask(port, '/health')).toMatchObject({ healthy: true, message: '200' })
    status = 404
    expect(await ask(port, '/health')).toMatchObject({ healthy: true })
    status = 503
    expect(await ask(port, '/health')).toMatchObject({ healthy: false, message: '/health answered 503' })
  })

  it('no answer in time is unhealthy', async () => {
    const port = await fixture.backend(() => undefined)
    expect(await ask(port, '/health', 100)).toMatchObject({
      healthy: false,
      message: 'no answer within 100 ms',
    })
  })

  it('without a path, a connection is enough', async () => {
    const port = await fixture.rawBackend(() => undefined)
    expect(await ask(port)).toMatchObject({ healthy: true, message: 'connected' })
    expect(await ask(await fixture.closedPort())).toMatchObject({ healthy: false })
  })
})
