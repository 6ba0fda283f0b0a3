import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { AccessLogFile, createAccessLog } from '../../src/access-log/access-log-file.ts'

const told: string[] = []
const logger = {
  error: (_fields: object, message: string) => void told.push(message),
  info: (message: string) => void told.push(message),
} as never

test('lines are appended in their order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-access-'))
  const path = join(folder, 'access.log')
  const log = createAccessLog({ path, logger }, { worker: 1 })
  for (let at = 0; at < 100; at++) log.info({ at })
  await vi.waitFor(() => expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(101))
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { at: number }).at)).toEqual([...lines.keys()])
  rmSync(folder, { recursive: true })
})

test('a full disk loses lines, says so once, and harms nothing else', async () => {
  // On Linux every write to it fails with ENOSPC.
  expect(existsSync('/dev/full')).toBe(true)
  const file = new AccessLogFile({ path: '/dev/full', logger })
  for (let at = 0; at < 10; at++) {
    file.write(`${at}\n`)
    await new Promise(setImmediate)
  }
  await vi.waitFor(() => expect(told).toEqual(['the access log cannot be written: its lines are lost']))
  file.close()
})
