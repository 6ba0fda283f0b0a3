import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { alive, pidsOf, PlatformProcess } from './platform-process.ts'

describe('signals', () => {
  const STUBBORN = `process.on('SIGTERM', () => {}); require('http').createServer((q, s) => s.end()).listen(process.env.PORT)`

  it('ends at once on a second Ctrl-C', async () => {
    await using platform = await PlatformProcess.up(['--', 'node', '-e', STUBBORN])
    const pids = pidsOf(await platform.components())
    platform.child.kill('SIGINT')
    await waitFor(() => platform.output().stdout.includes('Stopping (SIGINT)'))
    // The first one echoes: npm passes on what the terminal sent already.
    platform.child.kill('SIGINT')
    await waitFor(
      async () => {
        platform.child.kill('SIGINT')
        return platform.child.exitCode !== null
      },
      { intervalMs: 300 },
    )
    expect(platform.child.exitCode).toBe(130)
    await waitFor(() => alive(pids).length === 0)
  })

  it('stops while it is still starting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-early-'))
    const starting = PlatformProcess.up(
      ['--', 'node', '-e', 'setInterval(() => console.log("alive " + process.pid), 100)'],
      { folder },
    )
    const outcome = starting.catch((error: unknown) => String(error))
    const run = join(folder, '.millrace/scaling/processes')
    const [file] = await waitFor(() => existsSync(run) && readdirSync(run).length > 0 && readdirSync(run), {
      deadlineMs: 30_000,
    })
    const pid = Number.parseInt(file!, 10)
    const supervisor = JSON.parse(readFileSync(join(folder, '.millrace/run/supervisor.json'), 'utf8')) as {
      pid: number
    }
    process.kill(supervisor.pid, 'SIGTERM')
    expect(await outcome).toContain('up ended with 0')
    expect(alive([pid, supervisor.pid])).toEqual([])
    rmSync(folder, { recursive: true })
  })
})
