import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import type { EngineSuitePart } from '../engine-suite.ts'

export const traceContextSuite: EngineSuitePart = (fixture) => {
  /** The headers of each request as the backend saw them. */
  const recording = async (options = {}): Promise<{ headers: IncomingMessage['headers'] }[]> => {
    const seen: { headers: IncomingMessage['headers'] }[] = []
    const port = await fixture().backend((req, res) => {
      seen.push({ headers: req.headers })
      res.end()
    })
    await fixture().start(port, options)
    return seen
  }

  it('begins no trace, continues one as it came, and gives every request an id', async () => {
    const seen = await recording()
    const unsampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
    const later = 'cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-09-what-the-future-brings'
    await fixture().ask('/')
    await fixture().ask('/', { headers: { traceparent: unsampled, tracestate: 'a=1' } })
    await fixture().ask('/', { headers: { traceparent: later } })
    await fixture().ask('/', { headers: { traceparent: '00-0-0-0', tracestate: 'a=1' } })
    for (const { headers } of [seen[0]!, seen[3]!]) {
      expect(headers).not.toHaveProperty('traceparent')
      expect(headers).not.toHaveProperty('tracestate')
      expect(headers['x-request-id']).toMatch(/^[\da-f]{32}$/)
    }
    expect(seen[1]!.headers).toMatchObject({
      traceparent: unsampled,
      tracestate: 'a=1',
      'x-request-id': unsampled.slice(3, 35),
    })
    expect(seen[2]!.headers.traceparent).toBe(later)
  })

  it.each([
    [0, '00'],
    [1, '01'],
  ])('with traceSampleRatio %d, begins traces with the flags %s', async (traceSampleRatio, flags) => {
    const seen = await recording({ traceSampleRatio })
    await fixture().ask('/')
    expect(seen[0]!.headers.traceparent).toMatch(new RegExp(`^00-[\\da-f]{32}-[\\da-f]{16}-${flags}$`))
  })

  it('where traces begin here: continues a valid one, and replaces an invalid one', async () => {
    const seen = await recording({ traceSampleRatio: 1 })
    const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await fixture().ask('/')
    await fixture().ask('/', { headers: { traceparent: valid, tracestate: 'a=1', 'x-request-id': 'mine-1' } })
    await fixture().ask('/', {
      headers: { traceparent: '00-0-0-0', tracestate: 'a=1', 'x-request-id': 'bad id\t"' },
    })
    expect(seen[0]!.headers.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/)
    expect(seen[1]!.headers).toMatchObject({
      traceparent: valid,
      tracestate: 'a=1',
      'x-request-id': 'mine-1',
    })
    expect(seen[2]!.headers.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/)
    expect(seen[2]!.headers).not.toHaveProperty('tracestate')
    expect(seen[2]!.headers['x-request-id']).toMatch(/^[\da-f]{32}$/)
  })
}
