import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface FoundFile {
  key: string
  /** Occupied on disk. */
  bytes: number
  /** Milliseconds since the epoch. */
  usedAt: number
}

const BLOCK = 4_096

/** What a file takes of a disk: whole blocks, so that a million tiny ones are not counted as nothing. */
export const occupied = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK

const SHARD = /^[0-9a-f]{2}$/
const KEY = /^[0-9a-f]{64}$/

/** The files of a store, least recently used first. What a crash left in `tmp` is removed; other files are left alone. */
export async function scanFolder(folder: string): Promise<FoundFile[]> {
  for (const name of await readdir(join(folder, 'tmp'))) {
    await rm(join(folder, 'tmp', name), { force: true })
  }
  const found: FoundFile[] = []
  for (const shard of await readdir(folder)) {
    if (!SHARD.test(shard)) continue
    const names = (await readdir(join(folder, shard))).filter((name) => KEY.test(name))
    // One folder at a time: a few hundred `stat` calls at once, not a hundred thousand.
    const stats = await Promise.all(
      names.map((name) => stat(join(folder, shard, name)).catch(() => undefined)),
    )
    for (const [i, info] of stats.entries()) {
      if (info?.isFile()) found.push({ key: names[i]!, bytes: occupied(info.size), usedAt: info.mtimeMs })
    }
  }
  return found.sort((a, b) => a.usedAt - b.usedAt)
}
