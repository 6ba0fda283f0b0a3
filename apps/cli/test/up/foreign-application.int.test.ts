import { spawn } from 'node:child_process'
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acceptsConnections, allocatePort } from '@millrace/core/process'
import { waitFor } from '@millrace/testing'
import { PlatformProcess } from './platform-process.ts'

// An application from the npm registry that nobody here wrote.
const JSON_SERVER = createRequire(import.meta.url).resolve('json-server/lib/cli/bin.js')
const POSTS = { posts: [{ id: 1, title: 'one' }] }

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-foreign-'))
  writeFileSync(join(folder, 'db.json'), JSON.stringify(POSTS))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Reads, creates, reads, deletes and misses; what came back. */
async function exercise(platform: PlatformProcess): Promise<unknown[]> {
  const posts = platform.url('/posts')
  const all: unknown = await (await fetch(posts)).json()
  const created = await fetch(posts, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'two' }),
  })
  const { id } = (await created.json()) as { id: number }
  const { title } = (await (await fetch(`${posts}/${id}`)).json()) as { title: string }
  const removed = await fetch(`${posts}/${id}`, { method: 'DELETE' })
  const missed = await fetch(platform.url('/nothing-here'))
  return [all, created.status, title, removed.status, missed.status]
}
const EXPECTED = [POSTS.posts, 201, 'two', 200, 404]

describe('json-server', () => {
  it('runs as `up -- node …`, unchanged', async () => {
    await using platform = await PlatformProcess.up(
      ['--', 'node', JSON_SERVER, '--host', '127.0.0.1', '--port', '$PORT', 'db.json'],
      { folder },
    )
    expect(await exercise(platform)).toEqual(EXPECTED)
  })

  it('is fronted by `up --upstream`, where it runs already', async () => {
    const port = await allocatePort()
    const server = spawn(
      process.execPath,
      [JSON_SERVER, '--host', '127.0.0.1', '--port', String(port), 'db.json'],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    )
    try {
      await waitFor(() => acceptsConnections('127.0.0.1', port), { deadlineMs: 15_000 })
      await using platform = await PlatformProcess.up(['--upstream', `http://127.0.0.1:${port}`], { folder })
      expect(await exercise(platform)).toEqual(EXPECTED)
    } finally {
      server.kill('SIGKILL')
    }
  })
})
