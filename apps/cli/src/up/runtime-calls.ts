import { MillraceError, type HostPart, type ToControlPlane } from '@millrace/core'
import { ZodError } from 'zod'
import { cliErrors } from '../errors.ts'

export type RuntimeCall = (host: string, method: string, params: unknown) => Promise<unknown>

/** Answers the control plane's calls to host parts. */
export function createRuntimeCalls(parts: ReadonlyMap<string, HostPart>): RuntimeCall {
  return async (host, method, params) => {
    const methods = parts.get(host)?.methods ?? {}
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (run === undefined) {
      const known = [...parts].flatMap(([name, part]) =>
        Object.keys(part.methods ?? {}).map((key) => `${name}.${key}`),
      )
      throw cliErrors.METHOD_UNKNOWN({ host, method, known })
    }
    try {
      return await run(params)
    } catch (error) {
      if (!(error instanceof ZodError)) throw error
      const problems = error.issues.map(
        ({ path, message }) => `${path.join('.') || 'parameters'}: ${message}`,
      )
      throw cliErrors.CALL_INVALID({ host, method, problems }, error)
    }
  }
}

/** The message that answers call `id`. Errors keep code, status, details and whether callers may read them across the process boundary. */
export async function answerCall(id: number, run: () => Promise<unknown>): Promise<ToControlPlane> {
  try {
    return { type: 'result', id, ok: true, value: await run() }
  } catch (error) {
    const { code, status, expose, details } =
      error instanceof MillraceError
        ? error
        : { code: 'INTERNAL', status: 500, expose: false, details: undefined }
    return {
      type: 'result',
      id,
      ok: false,
      error: { code, status, expose, message: (error as Error).message, details },
    }
  }
}
