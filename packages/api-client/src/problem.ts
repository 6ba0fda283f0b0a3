/** An RFC 9457 problem document as the control plane sends it. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  code: string
  instance?: string
  [extension: string]: unknown
}

/** Every failed call throws this. Switch on `code`, show `message`; `details` has the extension members. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly details: Readonly<Record<string, unknown>>
  /** Seconds after which another attempt makes sense, from `Retry-After`. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: ProblemDocument, options: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(problem.detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ApiError'
    const { type: _type, title, status, detail: _detail, code, instance: _instance, ...details } = problem
    this.code = code
    this.status = status
    this.title = title
    this.details = details
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

const isProblem = (value: unknown): value is ProblemDocument =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  'detail' in value &&
  typeof value.detail === 'string'

/** Reads the problem document of a failed response; one without (a proxy's error page) gets code `HTTP_<status>`. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const options = Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}
  const body: unknown = await response.json().catch(() => undefined)
  if (isProblem(body)) return new ApiError({ ...body, status: response.status }, options)
  return new ApiError(
    {
      type: 'about:blank',
      title: response.statusText || 'Request failed',
      status: response.status,
      detail: `The control plane answered ${response.status} without a problem document.`,
      code: `HTTP_${response.status}`,
    },
    options,
  )
}

/** No answer at all: the control plane is restarting, or the network is gone. */
export const unreachable = (cause: unknown): ApiError =>
  new ApiError(
    {
      type: 'about:blank',
      title: 'Control plane unreachable',
      status: 0,
      detail: 'The control plane does not answer. It may be restarting.',
      code: 'UNREACHABLE',
    },
    { cause },
  )
