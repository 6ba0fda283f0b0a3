import { readFile } from 'node:fs/promises'
import { Client, type Dispatcher } from 'undici'
import type { BackendEntry } from '../drivers/driver.ts'
import { targetOf, type ProbeSettings } from './health-settings.ts'

const BODY_BYTES = 65_536
const USER_AGENT = 'millrace-health'

/**
 * One request on a connection of its own, so that what is checked is also whether one can be made. Redirects are not
 * followed: where they lead is not this backend.
 */
export async function checkHttp(
  backend: BackendEntry,
  settings: ProbeSettings,
  outer?: AbortSignal,
): Promise<string> {
  const { path = '/', method = 'GET', host, headers, timeoutMs } = settings
  const { origin, tls } = targetOf(backend, settings)
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = outer === undefined ? timeout : AbortSignal.any([timeout, outer])
  const client = new Client(origin, {
    allowH2: false,
    connect: { timeout: timeoutMs, ...(tls ? await trust(settings) : {}) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  try {
    const { statusCode, body } = await client.request({
      path,
      method: method as Dispatcher.HttpMethod,
      headers: { 'user-agent': USER_AGENT, ...(host === undefined ? {} : { host }), ...headers },
      reset: true,
      signal,
    })
    if (!expected(statusCode, settings.expectedStatuses)) throw new Error(`${path} answered ${statusCode}`)
    const { bodyIncludes } = settings
    if (bodyIncludes === undefined) await body.dump({ limit: BODY_BYTES, signal }).catch(() => undefined)
    else if (!(await beginning(body)).includes(bodyIncludes)) {
      throw new Error(`${path} answered ${statusCode} without ${JSON.stringify(bodyIncludes)}`)
    }
    return String(statusCode)
  } catch (error) {
    throw timeout.aborted ? new Error(`no answer within ${timeoutMs} ms`, { cause: error }) : error
  } finally {
    await client.destroy()
  }
}

/** What a TLS connection of a check believes. */
export async function trust({
  caFile,
  serverName,
}: ProbeSettings): Promise<{ ca?: string; servername?: string }> {
  return {
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  }
}

function expected(status: number, list: ProbeSettings['expectedStatuses']): boolean {
  if (list === undefined) return status < 500
  return list.some((entry) => {
    if (typeof entry === 'number') return entry === status
    const [from, to = from] = entry.split('-').map(Number)
    return status >= from! && status <= to!
  })
}

async function beginning(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= BODY_BYTES) break
  }
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString('utf8')
}
