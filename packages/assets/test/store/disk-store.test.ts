import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@millrace/core'
import { fakeClock } from '@millrace/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskStore } from '../../src/store/disk-store.ts'

const keyOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const record = (text: string) => ({ facts: { text }, body: Buffer.from(text) })

describe('DiskStore', () => {
  let folder: string
  const clock = fakeClock()
  const open = (maxBytes: number): Promise<DiskStore> =>
    DiskStore.open({ folder, maxBytes, clock, logger: silentLogger })

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-disk-store-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('goes on when its folder was removed under it', async () => {
    const store = await open(1_000_000)
    await store.write(keyOf('a'), record('a'))
    await rm(folder, { recursive: true })
    expect(await store.read(keyOf('a'))).toBeUndefined()
    await store.write(keyOf('b'), record('b'))
    expect(await store.read(keyOf('b'))).toEqual(record('b'))
    expect(store.state().failure).toBeUndefined()
  })

  it('counts what a file occupies: as many tiny ones as fit into its bytes would fill the disk', async () => {
    const store = await open(100 * 4_096)
    for (let i = 0; i < 300; i++) await store.write(keyOf(`${i}`), record(`${i}`))
    expect(store.state()).toEqual({ entries: 100, bytes: 100 * 4_096 })
    expect(await store.read(keyOf('299'))).toBeDefined()
    expect(await store.read(keyOf('199'))).toBeUndefined()
    await store.close()
    expect((await open(100 * 4_096)).state()).toEqual({ entries: 100, bytes: 100 * 4_096 })
  })

  it('leaves nothing behind of a key that is written and dropped at the same time', async () => {
    const store = await open(4_096)
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => store.write(keyOf(`${i % 5}`), record(`${i % 5}`))),
    )
    const names = (await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{24,}$/.test(name))
    expect([names.length, store.state().entries]).toEqual([1, 1])
    const [kept] = [0, 1, 2, 3, 4].filter((i) => names[0]!.endsWith(keyOf(`${i}`)))
    expect(await store.read(keyOf(`${kept}`))).toEqual(record(`${kept}`))
  })
})
