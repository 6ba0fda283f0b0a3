import type { Actor } from '@millrace/core'
import type { FastifyRequest } from 'fastify'
import { serverErrors } from '../errors.ts'
import { ANONYMOUS, covers, type Access } from '../http/access.ts'
import type { App } from '../http/app.ts'
import { sameSecret } from './secrets.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { SessionStore } from './session-store.ts'
import { TOKEN_PREFIX, type TokenStore } from './token-store.ts'

export const CSRF_HEADER = 'x-csrf-token'

export interface AuthenticateOptions {
  cookie: SessionCookie
  sessions: SessionStore
  tokens: TokenStore
  /** Of the local command line: works without the database, because it is needed most when that is away. */
  controlToken: string
  telemetryToken: string
  /** `server.anonymousRead`, for this request. */
  anonymousRead: (request: FastifyRequest) => boolean
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const CONTROL: Actor = { kind: 'token', name: 'control', role: 'administrator' }

const bearerOf = (request: FastifyRequest): string | undefined => {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ', 2)
  return scheme?.toLowerCase() === 'bearer' && value !== undefined && value !== '' ? value : undefined
}

/**
 * Finds out who asks and whether they may; sets `request.actor`. Throws SERVER_SIGN_IN_REQUIRED,
 * SERVER_ROLE_INSUFFICIENT, SERVER_CSRF_TOKEN_WRONG.
 */
export type Authorize = (request: FastifyRequest, access: Access, readOnly?: boolean) => Promise<void>

/**
 * Guards every route by its `config.access`, before anything of the body is read. Returns the check itself, for a
 * route that learns only from the body what it is asked to do.
 */
export function authenticate(app: App, options: AuthenticateOptions): Authorize {
  app.decorateRequest('actor')
  app.decorateRequest('session', null)

  // A route whose author forgot to say who may call it must not be open by accident.
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) {
      throw new TypeError(`${String(route.method)} ${route.url} does not say who may call it (config.access)`)
    }
  })

  const fromBearer = async (secret: string): Promise<Actor> => {
    if (sameSecret(secret, options.controlToken)) return CONTROL
    const token = secret.startsWith(TOKEN_PREFIX) ? await options.tokens.find(secret) : undefined
    if (token === undefined) throw serverErrors.SIGN_IN_REQUIRED({})
    return { kind: 'token', name: token.name, role: token.role }
  }

  const fromCookie = async (request: FastifyRequest): Promise<Actor | undefined> => {
    const secret = options.cookie.read(request)
    const session = secret === undefined ? undefined : await options.sessions.find(secret)
    if (session === undefined) return undefined
    request.session = session
    return { kind: 'user', ...session.user }
  }

  const checkCsrf = (request: FastifyRequest): void => {
    if (request.session === null || SAFE.has(request.method)) return
    const given = request.headers[CSRF_HEADER]
    if (typeof given !== 'string' || !sameSecret(given, request.session.csrfToken)) {
      throw serverErrors.CSRF_TOKEN_WRONG({})
    }
  }

  const authorize: Authorize = async (request, access, readOnly = SAFE.has(request.method)) => {
    if (access === 'public') return
    const bearer = bearerOf(request)
    if (access === 'telemetry') {
      if (bearer === undefined || !sameSecret(bearer, options.telemetryToken)) {
        throw serverErrors.SIGN_IN_REQUIRED({})
      }
      return
    }
    const actor = bearer === undefined ? await fromCookie(request) : await fromBearer(bearer)
    if (actor === undefined) {
      if (options.anonymousRead(request) && access === 'viewer' && readOnly) return
      throw serverErrors.SIGN_IN_REQUIRED({})
    }
    request.actor = actor
    if (!covers(actor.role, access)) {
      throw serverErrors.ROLE_INSUFFICIENT({ role: actor.role, required: access })
    }
    checkCsrf(request)
  }

  app.addHook('onRequest', async (request) => {
    request.actor = ANONYMOUS
    const { access, readOnly } = request.routeOptions.config
    // Only the answer for an unknown path has no access: it tells nothing.
    if (access !== undefined) await authorize(request, access, readOnly)
  })
  return authorize
}
