import type { ServerResponse } from 'node:http'

/**
 * Lets nothing of a response leave until what `before` returns has settled. It is asked once, with the status, when the
 * handler begins to send; undefined: there is nothing to wait for.
 */
export function holdResponse(
  response: ServerResponse,
  before: (status: number) => Promise<unknown> | undefined,
): void {
  // They are bound below and put back as they were.
  // oxlint-disable-next-line typescript/unbound-method
  const outer = { write: response.write, end: response.end, flushHeaders: response.flushHeaders }
  const { writeHead } = {
    writeHead: response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse,
  }
  let held: (() => void)[] | undefined
  let asked = false
  const release = (): void => {
    const calls = held ?? []
    held = undefined
    Object.assign(response, outer)
    if (response.destroyed) return
    for (const call of calls) call()
    response.emit('drain')
  }
  const start = (status: number): void => {
    if (asked) return
    asked = true
    const waiting = before(status)
    if (waiting === undefined) {
      Object.assign(response, outer)
      return
    }
    held = []
    waiting.then(release, release)
  }
  /** Now, or when everything before it has gone out. */
  const later = (call: () => unknown): boolean => {
    if (held === undefined) return false
    held.push(() => void call())
    return true
  }
  response.writeHead = ((...args: unknown[]) => {
    start(args[0] as number)
    if (later(() => writeHead(...args))) return response
    return writeHead(...args)
  }) as ServerResponse['writeHead']
  response.write = ((...args: Parameters<ServerResponse['write']>) => {
    start(response.statusCode)
    return later(() => outer.write.apply(response, args)) ? false : outer.write.apply(response, args)
  }) as ServerResponse['write']
  response.end = ((...args: Parameters<ServerResponse['end']>) => {
    start(response.statusCode)
    return later(() => outer.end.apply(response, args)) ? response : outer.end.apply(response, args)
  }) as ServerResponse['end']
  response.flushHeaders = () => {
    start(response.statusCode)
    if (!later(() => outer.flushHeaders.call(response))) outer.flushHeaders.call(response)
  }
}
