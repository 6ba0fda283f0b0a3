import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askRegion } from '../../src/regions/ask-region.ts'
import { bodyDigest, REGION_HEADER, sign, verify } from '../../src/regions/signature.ts'

const SECRET = 'a secret of all the regions'

describe('asking a region', () => {
  let server: Server | undefined
  let dispatcher: Agent
  beforeEach(() => {
    dispatcher = new Agent()
  })
  afterEach(async () => {
    await dispatcher.destroy()
    server?.closeAllConnections()
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  })

  const ask = async (listener: RequestListener, timeoutMs = 5_000): Promise<unknown> => {
    server = createServer(listener)
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const peer = { name: 'us', url: `http://127.0.0.1:${port}`, countries: [] }
    const asking = { self: 'eu', secret: SECRET, timeoutMs, now: () => Date.now() }
    return askRegion(asking, peer, dispatcher, new AbortController().signal)
  }
  const body = JSON.stringify({ region: 'us', now: 1, applications: {} })
  const answering =
    (secret: string, text: string, nonce?: string): RequestListener =>
    (req, res) => {
      const fields = verify(SECRET, 'health', String(req.headers[REGION_HEADER]))!
      const answer = { n: nonce ?? fields.n!, b: bodyDigest(body) }
      res.setHeader(REGION_HEADER, sign(secret, 'answer', answer))
      res.end(text)
    }

  it('believes what is signed with the secret, over what was asked and what is answered', async () => {
    await expect(ask(answering(SECRET, body))).resolves.toEqual({ region: 'us', now: 1, applications: {} })
  })

  it.each([
    ['another secret', answering('another secret of somebody', body)],
    ['another body', answering(SECRET, body.replace('us', 'xx'))],
    ['an answer to another question', answering(SECRET, body, 'of before')],
    ['a page of the application', ((_req, res) => res.end('<html>')) as RequestListener],
  ])('does not believe %s', async (_what, listener) => {
    await expect(ask(listener)).rejects.toThrow("is not signed as the region 'us'")
  })

  it('says what the clock of the other one has to do with it', async () => {
    const listener: RequestListener = (_req, res) => {
      res.setHeader('date', new Date(Date.now() + 120_000).toUTCString())
      res.end('<html>')
    }
    await expect(ask(listener)).rejects.toThrow(/its clock differs by 1[12]\d s/)
  })

  it('waits for a slow one no longer than it is set to', async () => {
    await expect(ask(() => undefined, 50)).rejects.toThrow('no answer within 50 ms')
    await expect(ask((_req, res) => void res.write('{'), 50)).rejects.toThrow('no answer within 50 ms')
  })

  it('does not read without end', async () => {
    await expect(ask((_req, res) => res.end('x'.repeat(300_000)))).rejects.toThrow('more than 262144 bytes')
  })
})
