import { allocatePort } from '@millrace/core/process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MissingPeer, type Running } from '../benchmark.ts'
import { startListening } from '../child.ts'
import { hasCommand, pinnedTo } from '../pinning.ts'

/**
 * As Debian has it, on one CPU if one is named: its built-in rules, bodies in memory. A response that says nothing about
 * its lifetime is not stored, as with the others.
 */
export async function startVarnish(dir: string, cpu: number | undefined, upstream: string): Promise<Running> {
  if (!hasCommand('varnishd')) throw new MissingPeer('the command varnishd is not installed')
  mkdirSync(dir, { recursive: true })
  const port = await allocatePort()
  const { hostname, port: upstreamPort } = new URL(upstream)
  const file = join(dir, 'default.vcl')
  writeFileSync(file, `vcl 4.1;\nbackend default { .host = "${hostname}"; .port = "${upstreamPort}"; }\n`)
  const command = ['varnishd', '-F', '-j', 'none', '-n', join(dir, 'varnish'), '-f', file]
  const settings = ['-s', 'malloc,256m', '-p', 'default_ttl=0', '-p', 'thread_pool_min=100']
  const pinned = cpu === undefined ? [] : pinnedTo(cpu)
  return startListening([...pinned, ...command, '-a', `127.0.0.1:${port}`, ...settings], port)
}
