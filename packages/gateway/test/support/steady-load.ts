import { Agent, request } from 'node:http'

/** How the failure of a request begins that was not on a connection which had answered before. */
export const NEW_CONNECTION = 'new connection'

/** Asks one URL without pause over several keep-alive connections, and counts. */
export class SteadyLoad {
  readonly #url: string
  readonly #agent: Agent
  readonly #lanes: Promise<void>[]
  #running = true
  answered = 0
  readonly failed: string[] = []

  constructor(url: string, lanes = 16) {
    this.#url = url
    this.#agent = new Agent({ keepAlive: true, maxSockets: lanes })
    this.#lanes = Array.from({ length: lanes }, () => this.#lane())
  }

  async #lane(): Promise<void> {
    while (this.#running) {
      try {
        const status = await this.#ask()
        if (status === 200) this.answered++
        else this.failed.push(String(status))
      } catch (error) {
        this.failed.push(String(error))
      }
    }
  }

  #ask(): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = request(this.#url, { agent: this.#agent, timeout: 10_000 }, (response) => {
        response.resume()
        response.on('error', reject)
        response.on('end', () => resolve(response.statusCode!))
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
      outgoing.on('error', (error) =>
        reject(outgoing.reusedSocket ? error : new Error(`${NEW_CONNECTION}: ${error.message}`)),
      )
      outgoing.end()
    })
  }

  async stop(): Promise<void> {
    this.#running = false
    await Promise.all(this.#lanes)
    this.#agent.destroy()
  }
}
