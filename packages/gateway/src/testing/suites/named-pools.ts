import type { IncomingMessage, RequestListener } from 'node:http'
import type { PoolEntry } from '../../drivers/driver.ts'
import type { AskOptions, Fixture } from '../fixture.ts'

/** What a backend of `namedPool` says of a request. */
export interface Seen {
  name: string
  url: string
  method: string
  headers: IncomingMessage['headers']
  body: string
}

/** A pool of one backend that answers with its own name and what it was asked, and keeps what it saw. */
export async function namedPool(
  fixture: Fixture,
  name: string,
  seen: Seen[] = [],
  answer?: RequestListener,
): Promise<PoolEntry> {
  const port = await fixture.backend((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { url = '', method = '', headers } = req
      const what: Seen = { name, url, method, headers, body: Buffer.concat(chunks).toString() }
      seen.push(what)
      if (answer === undefined) res.end(JSON.stringify(what))
      else answer(req, res)
    })
  })
  return { name, backends: [{ id: `${name}/1`, host: '127.0.0.1', port }] }
}

/** Which pool answered; the status where none did. */
export async function whoAnswers(fixture: Fixture, path: string, options: AskOptions = {}): Promise<string> {
  const { status, text } = await fixture.ask(path, options)
  return status === 200 ? (JSON.parse(text) as Seen).name : String(status)
}
