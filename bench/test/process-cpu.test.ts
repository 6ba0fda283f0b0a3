import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { treeCpu, withCpu } from '../src/process-cpu.ts'

it('counts the CPU time of a process and its children', async () => {
  const burn = 'const end = Date.now() + 400; while (Date.now() < end);'
  // A shell that waits for its child: the work is the child's.
  const child = spawn('sh', ['-c', `"${process.execPath}" -e '${burn}'; echo done; cat`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  try {
    const { cpu } = await withCpu(
      child.pid!,
      () => new Promise<void>((resolve) => child.stdout.once('data', () => resolve())),
    )
    // On a busy machine it got less of the CPU than time went by.
    expect(cpu.process).toBeGreaterThan(0.05)
    expect(cpu.foreign).toBeLessThanOrEqual(1)
    expect(treeCpu(process.pid)).toBeGreaterThan(treeCpu(child.pid!))
  } finally {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.stdin.end()
    await exited
  }
})

it('is zero for a process that is gone', () => {
  expect(treeCpu(2 ** 22 + 1)).toBe(0)
})
