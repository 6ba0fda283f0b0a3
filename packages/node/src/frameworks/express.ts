import type { IncomingMessage, ServerResponse } from 'node:http'
import { guarded } from '../guard.ts'
import { normalizePath, ROUTE } from '../http/routes.ts'

type Handler = (...args: unknown[]) => unknown
type Path = string | RegExp | readonly (string | RegExp)[]

interface Layer {
  handle: Handler
}
interface RouteLike {
  path?: Path
}
interface RouterPrototype {
  use: Handler
}
type RouterExports = RouterPrototype & { prototype?: RouterPrototype }
interface ExpressExports {
  Router?: RouterExports
  Route?: { prototype: { dispatch: Handler } }
}

/** A router mounted below a parameter: the part of the URL it took, and the pattern that took it. */
interface Mount {
  url: string
  pattern: string
}

const MOUNTS = Symbol('millrace.mounts')
const MAX_PATTERN = 200

type ExpressRequest = IncomingMessage & { baseUrl?: string; route?: RouteLike; [MOUNTS]?: Mount[] }

const textOf = (path: Path): string =>
  (Array.isArray(path) ? path.map(String).join('|') : String(path)).slice(0, MAX_PATTERN)

/** The mounted part of the URL as patterns: exact where the mount was seen, otherwise with identifiers replaced. */
function mountPattern(request: ExpressRequest, baseUrl: string): string {
  if (baseUrl === '') return ''
  const mount = request[MOUNTS]?.findLast(({ url }) => baseUrl === url || baseUrl.startsWith(`${url}/`))
  return mount === undefined ? normalizePath(baseUrl) : mount.pattern + baseUrl.slice(mount.url.length)
}

/** The pattern of the route that matched last: the mounts' and its own. Undefined outside of Express. */
export function expressRoute(request: IncomingMessage, route?: RouteLike): string | undefined {
  const { baseUrl, route: matched } = request as ExpressRequest
  const path = (route ?? matched)?.path
  if (path === undefined || typeof baseUrl !== 'string') return undefined
  const own = textOf(path)
  // `/` below a mount is the mount itself.
  return baseUrl === '' ? own : mountPattern(request as ExpressRequest, baseUrl) + (own === '/' ? '' : own)
}

/** Remembers which pattern a parametrised mount took: `app.use('/shops/:shop', router)`. */
function rememberMount(request: ExpressRequest, pattern: string): void {
  const baseUrl = request.baseUrl ?? ''
  const segments = baseUrl.split('/')
  const parent = segments.slice(0, segments.length - pattern.split('/').length + 1).join('/')
  request[MOUNTS] ??= []
  request[MOUNTS].push({ url: baseUrl, pattern: mountPattern(request, parent) + pattern })
}

/** Called through a proxy, because tools that list routes read properties of the handler. */
const remembering = (handle: Handler, pattern: string): Handler =>
  new Proxy(handle, {
    apply: (target, self, args: unknown[]) => {
      guarded('express', () => rememberMount(args[0] as ExpressRequest, pattern))
      return Reflect.apply(target, self, args)
    },
  })

const isParametrised = (path: unknown): path is string => typeof path === 'string' && /[:*{(]/.test(path)

function patchUse(prototype: RouterPrototype): void {
  const { use } = prototype
  prototype.use = function (this: { stack?: Layer[] }, ...args: unknown[]): unknown {
    const before = this.stack?.length ?? 0
    const result = use.apply(this, args)
    guarded('express', () => {
      const [path] = args
      if (!isParametrised(path)) return
      const pattern = path.startsWith('/') ? path.replace(/\/$/, '') : `/${path}`
      for (const layer of this.stack?.slice(before) ?? []) {
        // Four arguments make an error handler, which Express tells by `length`.
        if (layer.handle.length < 4) layer.handle = remembering(layer.handle, pattern)
      }
    })
    return result
  }
}

function patchDispatch(prototype: { dispatch: Handler }): void {
  const { dispatch } = prototype
  prototype.dispatch = function (this: RouteLike, ...args: unknown[]): unknown {
    guarded('express', () => {
      // Here and not at the end: by then an error handler has put `baseUrl` back.
      const route = expressRoute(args[0] as IncomingMessage, this)
      if (route !== undefined) (args[1] as ServerResponse & { [ROUTE]?: string })[ROUTE] = route
    })
    return dispatch.apply(this, args)
  }
}

// Express 5 and the package `router` hand out the same prototype.
const patched = new WeakSet<object>()

/** Express 4 and 5, and the package `router` alone. Returns false while the exports are incomplete. */
export function instrumentExpress(exported: unknown): boolean {
  const { Router = exported as RouterExports, Route } = exported as ExpressExports
  // Express 4's Router is its own prototype; Express 5 re-exports the package `router`.
  const prototype = typeof Router.prototype?.use === 'function' ? Router.prototype : Router
  const route = Route?.prototype
  if (typeof prototype.use !== 'function' || typeof route?.dispatch !== 'function') return false
  if (patched.has(prototype)) return true
  patched.add(prototype)
  patchUse(prototype)
  patchDispatch(route)
  return true
}
