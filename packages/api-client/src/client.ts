import createFetchClient, { type Client as FetchClient, type Middleware } from 'openapi-fetch'
import { errorFrom, unreachable } from './problem.ts'
import type { paths } from './schema.gen.ts'

export interface ClientOptions {
  /** Origin of the control plane: `http://127.0.0.1:4100`. In the panel: `''`, the page's own. */
  baseUrl: string
  /** Bearer token. Without one the session cookie is used, which only a browser has. */
  token?: string
  /**
   * Milliseconds until a call is given up. Default 30,000. For actions, which may run for 15 minutes, make it longer: the
   * `signal` of a single call can only shorten it.
   */
  timeoutMs?: number
  /** Default: the global one. */
  fetch?: (request: Request) => Promise<Response>
}

/**
 * One method per HTTP verb, typed by path: `client.GET('/api/runtime')`. Failed calls throw `ApiError`, so `data` is
 * there whenever a call returns; `unwrap` takes it out.
 */
export type Client = FetchClient<paths>

const CSRF_SOURCES = new Set(['/api/auth/login', '/api/auth/session', '/api/auth/password'])

// The cookie alone must not authorise a change, so the token of the newest session goes with each one.
function csrf(): Middleware {
  let token: string | undefined
  return {
    onRequest: ({ request }) => {
      if (token !== undefined && request.method !== 'GET') request.headers.set('x-csrf-token', token)
      return request
    },
    onResponse: async ({ response, schemaPath }) => {
      if (!response.ok || !CSRF_SOURCES.has(schemaPath)) return
      const body = (await response.clone().json()) as { csrfToken?: string }
      token = body.csrfToken
    },
  }
}

export function createClient(options: ClientOptions): Client {
  const { timeoutMs = 30_000 } = options
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request))
  const client = createFetchClient<paths>({
    baseUrl: options.baseUrl,
    credentials: 'same-origin',
    ...(options.token === undefined ? {} : { headers: { authorization: `Bearer ${options.token}` } }),
    fetch: async (request) => {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)])
      return send(new Request(request, { signal }))
    },
  })
  if (options.token === undefined) client.use(csrf())
  client.use({
    onResponse: async ({ response }) => {
      if (!response.ok) throw await errorFrom(response)
    },
    onError: ({ error }) => {
      // Somebody who aborts their own call wants to see that, not an outage.
      if (error instanceof DOMException && error.name === 'AbortError') return error
      return unreachable(error)
    },
  })
  return client
}

/** Takes `data` out of a call: `const runtime = await unwrap(client.GET('/api/runtime'))`. Throws `ApiError`. */
export async function unwrap<Result extends { data?: unknown; error?: unknown }>(
  call: Promise<Result>,
): Promise<Extract<Result, { error?: never }>['data']> {
  return (await call).data
}
