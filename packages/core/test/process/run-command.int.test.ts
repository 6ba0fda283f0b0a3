import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/index.ts'
import { groupMembers, runCommand } from '../../src/process/index.ts'

const base = { env: process.env, logger: silentLogger }

describe('runCommand', () => {
  it('resolves when the command succeeds, after its last line', async () => {
    const lines: string[] = []
    await runCommand({
      ...base,
      command: ['sh', '-c', 'echo a; echo b >&2'],
      onLine: (line) => lines.push(line),
    })
    expect(lines.toSorted()).toEqual(['a', 'b'])
  })

  it('rejects with the exit code and the last lines', async () => {
    const run = runCommand({ ...base, command: ['sh', '-c', 'echo broken; exit 4'] })
    await expect(run).rejects.toMatchObject({
      code: 'PROCESS_COMMAND_FAILED',
      details: { reason: 'exited with code 4', output: ['broken'] },
    })
  })

  it('ends the whole group when it takes too long', async () => {
    let leader = 0
    const run = runCommand({
      ...base,
      command: ['sh', '-c', 'echo $$; sleep 300 & wait'],
      timeoutMs: 300,
      onLine: (line) => (leader = Number(line)),
    })
    await expect(run).rejects.toThrow('took longer than 0.3 s')
    expect(groupMembers(leader)).toEqual([])
  })

  it('stops when it is interrupted', async () => {
    const abort = new AbortController()
    const run = runCommand({ ...base, command: ['sleep', '300'], signal: abort.signal })
    abort.abort()
    await expect(run).rejects.toThrow('was interrupted')
  })

  it('names a program that does not exist', async () => {
    await expect(runCommand({ ...base, command: ['no-such-program'] })).rejects.toThrow(
      'there is no program "no-such-program"',
    )
  })
})
