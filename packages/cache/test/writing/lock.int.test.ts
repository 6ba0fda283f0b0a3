import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './set-up.ts'

async function startLocker(directory: string): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./processes/locker.ts', import.meta.url)), [directory], {
    execArgv: ['--conditions=millrace:source'],
  })
  onTestFinished(() => end(child))
  await once(child, 'message')
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function attempt(child: ChildProcess): Promise<string> {
  const answer = once(child, 'message')
  child.send('now')
  const [message] = (await answer) as [string]
  return message
}

it('of several processes that find the lock of a dead one, exactly one takes it over, again and again', async () => {
  const directory = temporaryFolder()
  const lockers = await Promise.all(Array.from({ length: 4 }, () => startLocker(directory)))
  while (lockers.length > 0) {
    const answers = await Promise.all(lockers.map(attempt))
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(1)
    expect(new Set(answers)).toEqual(
      new Set(lockers.length > 1 ? ['locked', 'CACHE_JOURNAL_LOCKED'] : ['locked']),
    )
    const [holder] = lockers.splice(answers.indexOf('locked'), 1)
    await end(holder!)
  }
  expect(readdirSync(directory).filter((name) => name.startsWith('lock.'))).toHaveLength(1)
})
