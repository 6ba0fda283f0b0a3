import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { silentLogger } from '../../src/index.ts'
import { groupMembers, processIdentity, RunFiles } from '../../src/process/index.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-run-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const supervisor = (command: string[]): string => `
  import { RunFiles, SupervisedProcess } from '@millrace/core/process'
  import { silentLogger } from '@millrace/core'
  const runFiles = new RunFiles(${JSON.stringify(folder)})
  const child = new SupervisedProcess({ id: 'app/1', kind: 'instance', logger: silentLogger, runFiles,
    launch: () => ({ command: ${JSON.stringify(command)}, env: process.env, readiness: { kind: 'spawned' } }) })
  child.start()
  await child.whenReady()
  console.log(child.status().pid)`

/** Starts a supervisor of one process and kills it with SIGKILL; returns the pid that is left. */
async function leaveOrphan(command: string[]): Promise<number> {
  const parent = spawn(
    process.execPath,
    ['--conditions=millrace:source', '--input-type=module', '-e', supervisor(command)],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  return Number(line.toString())
}

describe('RunFiles', () => {
  it('ends a process whose supervisor was killed', async () => {
    const orphan = await leaveOrphan([process.execPath, '-e', 'setInterval(() => {}, 1000)'])
    expect(processIdentity(orphan)).toBeDefined()
    expect(await new RunFiles(folder).reap(silentLogger)).toEqual(['app/1'])
    expect(processIdentity(orphan)).toBeUndefined()
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends the grandchildren of a leader that has gone as well', async () => {
    const leader = await leaveOrphan(['sh', '-c', 'sleep 300 & wait'])
    await waitFor(() => groupMembers(leader).length === 2)
    process.kill(leader, 'SIGKILL')
    await waitFor(() => groupMembers(leader).length === 1)
    expect(await new RunFiles(folder).reap(silentLogger)).toEqual(['app/1'])
    expect(groupMembers(leader)).toEqual([])
  })

  it('does not touch a process that has the pid by now', async () => {
    const record = { id: 'old/1', pid: process.pid, identity: 'another-boot:1', token: 'other' }
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(record))
    expect(await new RunFiles(folder).reap(silentLogger)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not trip over a damaged file', async () => {
    writeFileSync(join(folder, '1.json'), '{')
    expect(await new RunFiles(folder).reap(silentLogger)).toEqual([])
  })
})
