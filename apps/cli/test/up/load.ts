import { Agent, request } from 'node:http'

export interface LoadResult {
  requests: number
  /** `status 502`, `ECONNRESET`, …, with how often. */
  failures: Record<string, number>
  bodies: Set<string>
}

/** Sends requests from several keep-alive connections, one after another on each, until stopped. */
export function startLoad(url: string, connections = 8): { stop(): Promise<LoadResult> } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const result: LoadResult = { requests: 0, failures: {}, bodies: new Set() }
  const stop = new AbortController()
  const worker = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      result.requests++
      try {
        const { status, body } = await get(url, agent)
        if (status === 200) result.bodies.add(body)
        else count(result.failures, `status ${status}`)
      } catch (error) {
        count(result.failures, (error as NodeJS.ErrnoException).code ?? String(error))
      }
    }
  }
  const workers = Array.from({ length: connections }, worker)
  return {
    stop: async () => {
      stop.abort()
      await Promise.all(workers)
      agent.destroy()
      return result
    },
  }
}

const count = (failures: Record<string, number>, key: string): void => {
  failures[key] = (failures[key] ?? 0) + 1
}

function get(url: string, agent: Agent): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, timeout: 10_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    call.on('timeout', () => call.destroy(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })))
    call.on('error', reject)
    call.end()
  })
}
