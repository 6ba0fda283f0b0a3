import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import type { Purger } from '@millrace/core'
import { onTestFinished } from 'vitest'

export interface FakeCdn {
  purger: Purger
  /** What it keeps, by address, with the surrogate keys of each. */
  objects: Map<string, readonly string[]>
  calls: { path: string; names: string[] }[]
  /** Answers 503 while it is true. */
  down: boolean
  /** Keys for which a call is answered 400. */
  refused: Set<string>
  /** Never answers while it is true. */
  hangs: boolean
  store: (url: string, headers: Record<string, string>) => void
}

/** A CDN's purge interface on a real port, and a purger that speaks to it over HTTP. */
export async function startCdn(keysPerCall = 10): Promise<FakeCdn> {
  const cdn: Omit<FakeCdn, 'purger'> = {
    objects: new Map(),
    calls: [],
    down: false,
    refused: new Set(),
    hangs: false,
    store: (url, headers) => void cdn.objects.set(url, (headers['surrogate-key'] ?? '').split(' ')),
  }
  const server: Server = createServer((request, response) => {
    void (async () => {
      const names = JSON.parse(await bodyOf(request)) as string[]
      const path = request.url ?? ''
      cdn.calls.push({ path, names })
      if (cdn.hangs) return
      const refused = names.length > keysPerCall || names.some((name) => cdn.refused.has(name))
      if (cdn.down || refused) {
        response.writeHead(cdn.down ? 503 : 400).end()
        return
      }
      for (const [url, keys] of cdn.objects) {
        const gone =
          path === '/all' ||
          (path === '/keys' && keys.some((key) => names.includes(key))) ||
          (path === '/urls' && names.includes(url))
        if (gone) cdn.objects.delete(url)
      }
      response.writeHead(202).end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = async (path: string, names: readonly string[], signal?: AbortSignal): Promise<void> => {
    const response = await fetch(base + path, {
      method: 'POST',
      body: JSON.stringify(names),
      ...(signal === undefined ? {} : { signal }),
    })
    if (!response.ok) throw new Error(`the CDN answered ${response.status}`)
  }
  const purger: Purger = {
    name: 'test',
    limits: { keysPerCall, urlsPerCall: 2 },
    purgeKeys: (keys, signal) => post('/keys', keys, signal),
    purgeUrls: (urls, signal) => post('/urls', urls, signal),
    purgeAll: (signal) => post('/all', [], signal),
  }
  return Object.assign(cdn, { purger })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
