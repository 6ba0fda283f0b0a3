/** What a service answered instead of a result: an RFC 9457 problem document. */
export class ServiceError extends Error {
  readonly status: number
  readonly title: string

  constructor(status: number, title: string, detail: string) {
    super(detail)
    this.name = 'ServiceError'
    this.status = status
    this.title = title
  }
}

const TIMEOUT_MS = 15_000

async function describeFailure(response: Response): Promise<ServiceError> {
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string }
  return new ServiceError(
    response.status,
    problem.title ?? 'Something went wrong',
    problem.detail ?? `The shop answered with status ${response.status}. Please try again.`,
  )
}

/** The gateway knows the services by their names: `/services/shop/…` */
async function request<Result>(path: string, init: RequestInit, signal?: AbortSignal): Promise<Result> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  let response: Response
  try {
    response = await fetch(`/services${path}`, {
      ...init,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ServiceError(
      0,
      'No connection',
      'The shop cannot be reached. Check the connection and try again.',
    )
  }
  if (!response.ok) throw await describeFailure(response)
  return (await response.json()) as Result
}

export const get = <Result>(path: string, signal?: AbortSignal): Promise<Result> =>
  request<Result>(path, {}, signal)

export const send = <Result>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Result> =>
  request<Result>(
    path,
    body === undefined
      ? { method }
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )

export const sendForm = <Result>(path: string, form: FormData): Promise<Result> =>
  request<Result>(path, { method: 'POST', body: form })

/** `?a=1&b=2` without what is undefined or empty. */
export function query(parameters: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
