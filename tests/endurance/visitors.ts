import { Agent, request } from 'node:http'

/** Idempotent methods: what a gateway may send again (RFC 9110, 9.2.2). */
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const

const PAUSE_MS = 5

/** Requests without end over keep-alive connections, of which every failure is kept. */
export class Visitors {
  readonly #url: string
  readonly #agent: Agent
  readonly #lanes: Promise<void>[]
  readonly #over = new AbortController()
  answered = 0
  slowestMs = 0
  readonly failures: string[] = []

  constructor(url: string, lanes: number) {
    this.#url = url
    this.#agent = new Agent({ keepAlive: true, maxSockets: lanes })
    this.#lanes = Array.from({ length: lanes }, (_, lane) => this.#lane(lane))
  }

  async #lane(lane: number): Promise<void> {
    for (let n = lane; !this.#over.signal.aborted; n++) {
      const method = METHODS[n % METHODS.length]!
      const startedAt = performance.now()
      const problem = await this.#ask(method)
      this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
      if (problem === undefined) this.answered++
      else this.failures.push(`${new Date().toISOString()} ${method}: ${problem}`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  /** Resolves with what was wrong. */
  #ask(method: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const outgoing = request(this.#url, { agent: this.#agent, method, timeout: 30_000 }, (response) => {
        let bytes = 0
        response.on('data', (chunk: Buffer) => (bytes += chunk.length))
        response.on('error', (error) => resolve(`in mid-body: ${error.message}`))
        response.on('end', () => {
          const whole = method === 'HEAD' || bytes === 1_000
          resolve(response.statusCode === 200 && whole ? undefined : `${response.statusCode}, ${bytes} bytes`)
        })
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 s')))
      outgoing.on('error', (error) =>
        resolve(`${outgoing.reusedSocket ? 'kept-alive' : 'new'} connection: ${error.message}`),
      )
      outgoing.end(method === 'PUT' ? 'a body' : undefined)
    })
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#lanes)
    this.#agent.destroy()
  }
}
