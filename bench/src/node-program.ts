import { allocatePort } from '@millrace/core/process'
import { fileURLToPath } from 'node:url'
import type { Running } from './benchmark.ts'
import { startListening } from './child.ts'
import { pinnedTo } from './pinning.ts'

/** Runs a TypeScript program of this folder: `program.ts <port> <upstream>`. */
export async function startNodeProgram(
  file: string,
  upstream: string,
  cpu: number,
  flags: readonly string[] = [],
): Promise<Running> {
  const port = await allocatePort()
  const program = fileURLToPath(new URL(file, import.meta.url))
  const node = [process.execPath, ...flags, '--conditions=millrace:source', program, String(port), upstream]
  return startListening([...pinnedTo(cpu), ...node], port)
}
