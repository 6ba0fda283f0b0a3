import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@millrace/testing'
import { onTestFinished } from 'vitest'

export interface Producer {
  child: ChildProcess
  /** What was acknowledged last, by identifier. Complete once the process is gone. */
  acknowledged: Map<string, string>
  acknowledgements: () => number
  refusals: string[]
  closed: () => number | undefined
  stderr: () => string
  kill: () => Promise<void>
  stop: () => Promise<void>
}

/** Starts `producer.ts` and reads what it says. Killed at the end of the test if it still runs. */
export async function startProducer(directory: string, url = '-', ...more: string[]): Promise<Producer> {
  const child = fork(fileURLToPath(new URL('./producer.ts', import.meta.url)), [directory, url, ...more], {
    execArgv: ['--conditions=millrace:source'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const exited = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const acknowledged = new Map<string, string>()
  const refusals: string[] = []
  let acknowledgements = 0
  let ready = false
  let left: number | undefined
  let rest = ''
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const [word, first = '', second = ''] = line.split(' ')
      if (word === 'ready') ready = true
      else if (word === 'ok') {
        acknowledgements++
        acknowledged.set(first, second)
      } else if (word === 'refused') refusals.push(first)
      else if (word === 'closed') left = Number(first)
    }
  })
  const early = exited.then(() => {
    throw new Error(`The producer did not start: ${stderr}`)
  })
  early.catch(() => undefined)
  await Promise.race([waitFor(() => ready, { deadlineMs: 20_000, what: 'a producer that starts' }), early])
  return {
    child,
    acknowledged,
    acknowledgements: () => acknowledgements,
    refusals,
    closed: () => left,
    stderr: () => stderr,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: async () => {
      child.send('stop')
      await exited
    },
  }
}
