import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FixedRateOptions {
  connections: number
  seconds: number
  perSecond: number
}

export interface FixedRateResult {
  /** Milliseconds from when a request was due, so that one that had to wait for a connection is not flattered. */
  latencies: readonly number[]
  /** Requests by the text of their answer. */
  answers: ReadonlyMap<string, number>
  /** Requests without a 200. */
  errors: number
}

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, timeout: 10_000 }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('error', reject)
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(String(response.statusCode))),
      )
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 10 s')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Requests at a constant rate, whether or not those before were answered (an open model), from this process. */
export async function fixedRate(url: string, options: FixedRateOptions): Promise<FixedRateResult> {
  const { connections, seconds, perSecond } = options
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const answers = new Map<string, number>()
  let errors = 0
  const one = async (dueAt: number): Promise<void> => {
    try {
      const text = await ask(url, agent)
      latencies.push(performance.now() - dueAt)
      answers.set(text, (answers.get(text) ?? 0) + 1)
    } catch {
      errors++
    }
  }
  const startedAt = performance.now()
  const running: Promise<void>[] = []
  for (let i = 0; i < seconds * perSecond; i++) {
    const dueAt = startedAt + (i * 1_000) / perSecond
    const early = dueAt - performance.now()
    if (early > 0) await sleep(early)
    running.push(one(dueAt))
  }
  await Promise.all(running)
  agent.destroy()
  return { latencies: latencies.sort((a, b) => a - b), answers, errors }
}
