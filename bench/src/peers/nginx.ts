import { allocatePort } from '@millrace/core/process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MissingPeer, type Running } from '../benchmark.ts'
import { startListening } from '../child.ts'
import { hasCommand, pinnedTo } from '../pinning.ts'

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** A worker on one CPU, if one is named, with everything it writes in `dir`. */
export async function startNginx(
  dir: string,
  cpu: number | undefined,
  server: string,
  http = '',
): Promise<Running> {
  if (!hasCommand('nginx')) throw new MissingPeer('the command nginx is not installed')
  mkdirSync(dir, { recursive: true })
  const port = await allocatePort()
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  const config = `daemon off; worker_processes 1; ${user} pid ${dir}/nginx.pid; error_log ${dir}/error.log crit;
events { worker_connections 4096; }
http {
  access_log off; default_type application/octet-stream; sendfile on; tcp_nopush on;
  keepalive_timeout 65s; keepalive_requests 100000000;
  ${TEMPORARY.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  ${http}
  server { listen 127.0.0.1:${port} backlog=1024; ${server} }
}
`
  const file = join(dir, 'nginx.conf')
  writeFileSync(file, config)
  return startListening(
    [
      ...(cpu === undefined ? [] : pinnedTo(cpu)),
      'nginx',
      '-p',
      dir,
      '-c',
      file,
      '-e',
      join(dir, 'start.log'),
    ],
    port,
  )
}

/** As a proxy: one worker, keep-alive to the upstream, no buffering to disk. */
export const startNginxProxy = (dir: string, cpu: number, upstream: string): Promise<Running> =>
  startNginx(
    dir,
    cpu,
    `location / {
      proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_max_temp_file_size 0;
    }`,
    `upstream upstream { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 100000000; }`,
  )

/**
 * As a cache: what the upstream allows to be stored, for as long as it says, with conditional requests when it is over. The
 * metadata is in memory, bodies are files, which the kernel keeps in memory.
 */
export const startNginxCache = (dir: string, cpu: number | undefined, upstream: string): Promise<Running> =>
  startNginx(
    dir,
    cpu,
    `location / {
      proxy_pass http://upstream; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_max_temp_file_size 0;
      proxy_cache responses; proxy_cache_revalidate on;
    }`,
    `proxy_cache_path ${dir}/cache levels=1:2 keys_zone=responses:8m max_size=256m inactive=600m use_temp_path=off;
  upstream upstream { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 100000000; }`,
  )
