import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { readAccessLog } from '../../src/access-log/tail.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'millrace-tail-'))
  return () => rm(dir, { recursive: true, force: true })
})

const line = (second: number, path = '/'): string =>
  JSON.stringify({
    level: 30,
    time: new Date(second * 1_000).toISOString(),
    method: 'GET',
    path,
    status: 200,
    bytes: 5,
    durationMs: 1.5,
    pool: 'shop',
    attempts: 1,
    traceId: 'a'.repeat(32),
  })
const written = async (...lines: string[]): Promise<string> => {
  const file = join(dir, 'access.log')
  await writeFile(file, lines.join('\n'))
  return file
}

it('the last lines, the newest first, whichever worker wrote first', async () => {
  const file = await written(line(1), line(4), line(3), line(5), '')
  const entries = await readAccessLog(file, 3)
  expect(entries.map(({ time }) => time)).toEqual([5_000, 4_000, 3_000])
  expect(entries[0]).toMatchObject({ method: 'GET', pool: 'shop', traceId: 'a'.repeat(32) })
})

it('only the end of a large file is read, and what is no line of it is left out', async () => {
  const file = await written(line(1, '/far'), 'not a line', '{"time":"x"}', line(2), line(3).slice(0, 20))
  const bytes = `${line(2)}\n${line(3).slice(0, 20)}`.length
  expect((await readAccessLog(file, 10, bytes + 5)).map(({ path }) => path)).toEqual(['/'])
  expect((await readAccessLog(file, 10)).map(({ path }) => path)).toEqual(['/', '/far'])
})

it('a file that is not there has no lines, and one that cannot be read is an error', async () => {
  expect(await readAccessLog(join(dir, 'none'), 10)).toEqual([])
  await expect(readAccessLog(dir, 10)).rejects.toThrow(/EISDIR/)
})
