import { statfs } from 'node:fs/promises'
import { sampleErrors } from '../errors.ts'

export interface DiskUsage {
  totalBytes: number
  /** For unprivileged processes; the reserve of root is not counted. */
  freeBytes: number
  /** 0–1, as `df` computes it: used / (used + free). */
  usedRatio: number
}

/** Of the file system that holds `folder`. Throws SAMPLE_DISK_UNREADABLE. */
export async function readDiskUsage(folder: string): Promise<DiskUsage> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(folder)
    return diskUsage(bsize, blocks, bfree, bavail)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw sampleErrors.DISK_UNREADABLE({ folder, reason }, error)
  }
}

/** From the four numbers of statfs(2), the last three in blocks. */
export function diskUsage(blockBytes: number, blocks: number, free: number, available: number): DiskUsage {
  const used = blocks - free
  const usable = used + available
  return {
    totalBytes: blocks * blockBytes,
    freeBytes: available * blockBytes,
    usedRatio: usable === 0 ? 0 : used / usable,
  }
}
