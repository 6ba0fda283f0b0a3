import { request, type Dispatcher } from 'undici'

/** What a list of backends may have; a thousand EndpointSlices of a hundred pods are less. */
const BODY_BYTES = 33_554_432

export interface JsonAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: unknown
  /** Of an answer that is not JSON or no success: its beginning. */
  text: string
}

/** One GET whose answer is read whole, within limits of time and size. Rejects with what went wrong on the way. */
export async function getJson(
  url: URL,
  options: {
    headers: Record<string, string>
    dispatcher: Dispatcher
    timeoutMs: number
    signal: AbortSignal
  },
): Promise<JsonAnswer> {
  const { timeoutMs, headers, dispatcher } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([timeout, options.signal])
  try {
    const response = await request(url, {
      headers: { accept: 'application/json', 'user-agent': 'millrace-gateway', ...headers },
      dispatcher,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    })
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > BODY_BYTES) throw new Error(`${url.host} answered with more than ${BODY_BYTES} bytes`)
      chunks.push(chunk)
    }
    const text = Buffer.concat(chunks).toString('utf8')
    return {
      status: response.statusCode,
      headers: response.headers,
      body: parse(text),
      text: text.trim().slice(0, 200),
    }
  } catch (error) {
    throw timeout.aborted
      ? new Error(`${url.host} did not answer within ${timeoutMs} ms`, { cause: error })
      : error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
