import { Server, type ListenOptions } from 'node:net'
import { guarded } from '../guard.ts'

type Listen = (this: Server, ...args: unknown[]) => Server

const isPort = (value: unknown): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))

/**
 * The same call with a host, where none was given and a TCP port is meant. Every overload of `server.listen` is kept:
 * paths, handles, file descriptors and explicit hosts pass unchanged.
 */
export function withHost(args: readonly unknown[], host: string): unknown[] {
  const [first, second] = args
  const callback = args.findLast((argument) => typeof argument === 'function')
  const rest = callback === undefined ? [] : [callback]
  if (first === undefined || first === null || typeof first === 'function') {
    return typeof second === 'string' ? [...args] : [{ port: 0, host }, ...rest]
  }
  if (isPort(first)) {
    if (typeof second === 'string') return [...args]
    const backlog = args.slice(1).find((argument) => typeof argument === 'number')
    return [{ port: Number(first), host, ...(backlog === undefined ? {} : { backlog }) }, ...rest]
  }
  if (typeof first !== 'object') return [...args]
  const options = first as ListenOptions & { handle?: unknown; _handle?: unknown; fd?: unknown }
  const elsewhere =
    options.host !== undefined ||
    options.path !== undefined ||
    options.fd !== undefined ||
    options.handle !== undefined ||
    options._handle !== undefined ||
    first instanceof Server ||
    options.port === undefined
  return elsewhere ? [...args] : [{ ...options, host }, ...args.slice(1)]
}

/**
 * An instance behind the gateway has no business on other interfaces: `listen(port)` binds to `host` instead of every
 * address. `onListen` is called at each call, before the server listens.
 */
export function instrumentListen(host: string | undefined, onListen: () => void): void {
  const { listen } = Server.prototype as unknown as { listen: Listen }
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    guarded('listen', onListen)
    const adapted = host === undefined ? args : guarded('listen', () => withHost(args, host))
    return listen.apply(this, adapted ?? args)
  } as typeof Server.prototype.listen
}
