import { open } from 'node:fs/promises'
import { accessEntry, type AccessEntry } from './model.ts'

/** Of the file's end, whatever its size: about 2,000 lines. */
const TAIL_BYTES = 1_048_576

/**
 * The last `limit` lines of an access log, newest first. Lines that are none (a rotated file's, one that is being written) are
 * left out. A file that is not there yet has no lines.
 */
export async function readAccessLog(
  file: string,
  limit: number,
  tailBytes = TAIL_BYTES,
): Promise<AccessEntry[]> {
  const lines = (await readEnd(file, tailBytes)).split('\n')
  const entries: AccessEntry[] = []
  for (let at = lines.length - 1; at >= 0 && entries.length < limit; at--) {
    const entry = parseLine(lines[at]!)
    if (entry !== undefined) entries.push(entry)
  }
  // Several workers write, each a little later than the other.
  return entries.toSorted((a, b) => b.time - a.time)
}

async function readEnd(file: string, bytes: number): Promise<string> {
  let handle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, bytes)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, size - length)
    return buffer.subarray(0, bytesRead).toString()
  } finally {
    await handle.close()
  }
}

function parseLine(line: string): AccessEntry | undefined {
  if (line === '') return undefined
  try {
    const written = JSON.parse(line) as { time?: string }
    return accessEntry.safeParse({ ...written, time: Date.parse(written.time ?? '') }).data
  } catch {
    return undefined
  }
}
