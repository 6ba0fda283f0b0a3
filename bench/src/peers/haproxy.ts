import { allocatePort } from '@millrace/core/process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MissingPeer, type Running } from '../benchmark.ts'
import { startListening } from '../child.ts'
import { hasCommand, pinnedTo } from '../pinning.ts'

/** One thread, connections to the upstream kept and shared. */
export async function startHaproxy(dir: string, cpu: number, upstream: string): Promise<Running> {
  if (!hasCommand('haproxy')) throw new MissingPeer('the command haproxy is not installed')
  mkdirSync(dir, { recursive: true })
  const port = await allocatePort()
  const file = join(dir, 'haproxy.cfg')
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 3s
  timeout client 65s
  timeout server 60s
  timeout http-request 10s
  option forwardfor
  http-reuse always
frontend visitors
  bind 127.0.0.1:${port}
  default_backend upstream
backend upstream
  server one ${new URL(upstream).host} maxconn 1000
`,
  )
  return startListening([...pinnedTo(cpu), 'haproxy', '-db', '-f', file], port)
}
