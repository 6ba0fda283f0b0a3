import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { testRedis } from '@millrace/testing/redis'
import { expect, it, onTestFinished } from 'vitest'

const PROCESSES = 4
const READS = 2_500

interface Answer {
  loads: number
  pids: number[]
  values: number
}

async function startReader(port: number): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./processes/reader.ts', import.meta.url))
  const child = fork(program, [String(port), String(READS)], { execArgv: ['--conditions=millrace:source'] })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.disconnect()
    await once(child, 'exit')
  })
  await once(child, 'message')
  return child
}

it('10,000 concurrent reads of one cold key in four processes call the loader once', async () => {
  const redis = await testRedis()
  onTestFinished(() => redis.stop())
  const children = await Promise.all(Array.from({ length: PROCESSES }, () => startReader(redis.server.port)))
  for (const id of ['first', 'second', 'third']) {
    const answers = children.map(async (child) => ((await once(child, 'message')) as [Answer])[0])
    for (const child of children) child.send(id)
    const all = await Promise.all(answers)
    expect(all.reduce((sum, { values }) => sum + values, 0)).toBe(PROCESSES * READS)
    expect(new Set(all.flatMap(({ pids }) => pids)).size).toBe(1)
    const rounds = ['first', 'second', 'third'].indexOf(id) + 1
    expect(all.reduce((sum, { loads }) => sum + loads, 0)).toBe(rounds)
  }
})
