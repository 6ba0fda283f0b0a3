import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** An application with pictures: files by path, or handlers for what behaves otherwise. Counts requests by path. */
export class Origin {
  readonly server: Server
  readonly files = new Map<string, { body: Buffer | string; headers?: Record<string, string> }>()
  readonly handlers = new Map<string, Handler>()
  readonly requests: { path: string; headers: IncomingMessage['headers'] }[] = []

  private constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? '/'
      this.requests.push({ path, headers: request.headers })
      const handler = this.handlers.get(path)
      if (handler !== undefined) return handler(request, response)
      const file = this.files.get(path)
      if (file === undefined) return void response.writeHead(404).end('none')
      const etag = file.headers?.etag
      if (etag !== undefined && request.headers['if-none-match'] === etag) {
        return void response.writeHead(304, file.headers).end()
      }
      return void response.writeHead(200, file.headers).end(file.body)
    })
  }

  static async start(): Promise<Origin> {
    const origin = new Origin()
    origin.server.listen(0, '127.0.0.1')
    await once(origin.server, 'listening')
    return origin
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    this.server.close()
    await once(this.server, 'close')
  }
}
