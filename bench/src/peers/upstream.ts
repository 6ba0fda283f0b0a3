import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Running } from '../benchmark.ts'
import { startNodeProgram } from '../node-program.ts'
import { hasCommand } from '../pinning.ts'
import { startNginx } from './nginx.ts'

/** Bytes by path. */
export const FILES = { '/1k.txt': 1_024, '/50k.txt': 51_200 } as const

/** A server fast enough not to be what is measured: NGINX with files in memory, or a plain Node server. */
export async function startUpstream(
  dir: string,
  cpu: number,
  { cacheControl }: { cacheControl?: string } = {},
): Promise<Running> {
  if (!hasCommand('nginx')) return startNodeProgram('./peers/node-upstream.ts', cacheControl ?? 'none', cpu)
  const root = join(dir, 'files')
  mkdirSync(root, { recursive: true })
  for (const [path, bytes] of Object.entries(FILES)) writeFileSync(join(root, path), Buffer.alloc(bytes, 'x'))
  return startNginx(
    join(dir, 'nginx'),
    cpu,
    `root ${root}; open_file_cache max=100; open_file_cache_valid 10m; default_type text/plain;${cacheControl === undefined ? '' : ` add_header Cache-Control "${cacheControl}";`}`,
  )
}
