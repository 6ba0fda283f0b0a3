import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processIdentity } from '@millrace/core/process'
import { lockDataDir } from '../../src/up/lock.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'))
  file = join(folder, 'supervisor.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('lockDataDir', () => {
  it('keeps a second one out until it is released', () => {
    const lock = lockDataDir(file, folder)
    expect(() => lockDataDir(file, folder)).toThrow(`process ${process.pid}`)
    lock.release()
    lockDataDir(file, folder).release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('takes over from one that died, also when its pid belongs to another process by now', async () => {
    const other = spawn('sleep', ['300'])
    const owner = { pid: other.pid, identity: processIdentity(other.pid!) }
    writeFileSync(file, JSON.stringify(owner))
    expect(() => lockDataDir(file, folder)).toThrow(`process ${other.pid}`)
    writeFileSync(file, JSON.stringify({ pid: other.pid, identity: 'another-boot:1' }))
    lockDataDir(file, folder).release()
    writeFileSync(file, JSON.stringify(owner))
    other.kill('SIGKILL')
    await once(other, 'exit')
    lockDataDir(file, folder).release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not trip over a damaged lock', () => {
    writeFileSync(file, '{')
    lockDataDir(file, folder).release()
    expect(readdirSync(folder)).toEqual([])
  })
})
