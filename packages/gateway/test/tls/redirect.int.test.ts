import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateway } from '../../src/index.ts'
import { Fixture } from '../../src/testing/index.ts'
import { startSecure } from '../../src/testing/tls-visitor.ts'

let fixture: Fixture
beforeEach(() => {
  fixture = new Fixture(createGateway)
})
afterEach(() => fixture.close())

it.each(['', ':80'])(
  'a Host without a name (%j) is redirected to no host that the path could name',
  async (host) => {
    const port = await fixture.backend((_req, res) => res.end('ok'))
    await startSecure(fixture, port, { tls: { redirect: true, publicPort: 443 } })
    const connection = await fixture.connect()
    // Browsers read https:///other.example/ as https://other.example/.
    connection.write(`GET /other.example/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    const answer = await connection.untilClosed()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).not.toMatch(/location:/i)
  },
)
