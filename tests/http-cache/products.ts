import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { allocatePort } from '@millrace/core/process'
import type { Running } from '../../bench/src/benchmark.ts'
import { startListening } from '../../bench/src/child.ts'
import { startNginxCache } from '../../bench/src/peers/nginx.ts'
import { startVarnish } from '../../bench/src/peers/varnish.ts'
import { withSbin } from '../../bench/src/pinning.ts'

export const PRODUCTS = ['millrace', 'nginx', 'varnish'] as const
export type Product = (typeof PRODUCTS)[number]

const GATEWAY = fileURLToPath(new URL('../../bench/src/peers/millrace-cache.ts', import.meta.url))
const MANIFEST = new URL('../../package.json', import.meta.url)

/**
 * A product in front of `origin`, with its cache on and otherwise as it comes: nothing is stored that the origin does not
 * allow by itself. Throws `MissingPeer` when it is not installed.
 */
export async function startProduct(product: Product, origin: string, dir: string): Promise<Running> {
  if (product === 'nginx') return startNginxCache(dir, undefined, origin)
  if (product === 'varnish') return startVarnish(dir, undefined, origin)
  const port = await allocatePort()
  const flags = ['--conditions=millrace:source']
  return startListening([process.execPath, ...flags, GATEWAY, String(port), origin], port)
}

const printed = (command: string, args: readonly string[]): string =>
  execFileSync('sh', ['-c', `${command} ${args.join(' ')} 2>&1`], { encoding: 'utf8', env: withSbin() })

export function productVersion(product: Product): string {
  if (product === 'millrace')
    return (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }).version
  const output = product === 'nginx' ? printed('nginx', ['-v']) : printed('varnishd', ['-V'])
  return /\d+\.\d+\.\d+/.exec(output)?.[0] ?? 'unknown'
}
