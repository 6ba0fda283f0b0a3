import type { Clock } from '@millrace/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuditLog } from '../audit/audit-log.ts'
import { serverErrors } from '../errors.ts'
import { ANONYMOUS } from '../http/access.ts'
import type { App } from '../http/app.ts'
import { noContent, problemResponse } from '../http/openapi.ts'
import { createLoginLimit } from './login-limit.ts'
import { loginBody, passwordBody, sessionSchema } from './schema.ts'
import type { SessionCookie } from './session-cookie.ts'
import type { SessionStore } from './session-store.ts'
import type { UserStore } from './user-store.ts'

export interface AuthRoutesOptions {
  users: UserStore
  cookie: SessionCookie
  sessions: SessionStore
  audit: AuditLog
  clock: Clock
}

/** Signing in and out, and what concerns one's own account. */
export function authRoutes(app: App, { users, cookie, sessions, audit, clock }: AuthRoutesOptions): void {
  const limit = createLoginLimit(clock)

  const limited = (request: FastifyRequest, userName: string): void => {
    const waitMs = limit.attempt(request.ip, userName)
    if (waitMs > 0) throw serverErrors.LOGIN_LIMITED({ retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }
  const setCookie = (
    request: FastifyRequest,
    reply: FastifyReply,
    secret: string,
    expiresAt: number,
  ): void => {
    cookie.set(request, reply, secret, Math.floor((expiresAt - clock.now()) / 1_000))
  }

  app.post('/api/auth/login', {
    config: { access: 'public' },
    schema: {
      tags: ['auth'],
      summary: 'Sign in',
      description: 'Sets the session cookie. 10 attempts in 5 minutes per address and name, then 429.',
      security: [],
      body: loginBody,
      response: { 200: sessionSchema, ...problemResponse },
    },
    handler: async (request, reply) => {
      const { username, password } = request.body
      limited(request, username)
      const user = await users.verify(username, password)
      if (user === undefined) {
        await audit.record({
          actor: ANONYMOUS,
          action: 'auth.login',
          input: { username },
          error: serverErrors.CREDENTIALS_WRONG({}),
          address: request.ip,
        })
        throw serverErrors.CREDENTIALS_WRONG({})
      }
      limit.succeeded(request.ip, username)
      const { secret, ...session } = await sessions.open(user, {
        address: request.ip,
        userAgent: request.headers['user-agent'] ?? '',
      })
      // Whoever had a session in this browser before has it no longer.
      const previous = cookie.read(request)
      if (previous !== undefined) await sessions.end(previous)
      await audit.record({
        actor: { kind: 'user', name: user.name, role: user.role },
        action: 'auth.login',
        address: request.ip,
      })
      setCookie(request, reply, secret, session.expiresAt)
      return session
    },
  })

  app.post('/api/auth/logout', {
    config: { access: 'viewer' },
    schema: {
      tags: ['auth'],
      summary: 'Sign out',
      response: { 204: noContent, ...problemResponse },
    },
    handler: async (request, reply) => {
      const secret = cookie.read(request)
      if (secret !== undefined) await sessions.end(secret)
      cookie.clear(request, reply)
      void reply.code(204)
    },
  })

  app.get('/api/auth/session', {
    config: { access: 'viewer' },
    schema: {
      tags: ['auth'],
      summary: 'Who is signed in',
      response: { 200: sessionSchema, ...problemResponse },
    },
    handler: async (request) => {
      // Reading may be open to everybody (`server.anonymousRead`); that signs nobody in, and the panel asks.
      if (request.actor.kind === 'anonymous') throw serverErrors.SIGN_IN_REQUIRED({})
      return request.session ?? { user: { name: request.actor.name, role: request.actor.role } }
    },
  })

  app.put('/api/auth/password', {
    config: { access: 'viewer' },
    schema: {
      tags: ['auth'],
      summary: 'Change one’s own password',
      description: 'Ends every other session of the user; this one gets a new cookie.',
      body: passwordBody,
      response: { 200: sessionSchema, ...problemResponse },
    },
    handler: async (request, reply) => {
      const { actor } = request
      if (actor.kind !== 'user') throw serverErrors.SIGN_IN_REQUIRED({})
      limited(request, actor.name)
      const known = await users.verify(actor.name, request.body.currentPassword)
      if (known === undefined) throw serverErrors.CREDENTIALS_WRONG({})
      limit.succeeded(request.ip, actor.name)
      const user = await users.change(actor.name, { password: request.body.newPassword })
      const { secret, ...session } = await sessions.open(user, {
        address: request.ip,
        userAgent: request.headers['user-agent'] ?? '',
      })
      await audit.record({ actor, action: 'auth.password', address: request.ip })
      setCookie(request, reply, secret, session.expiresAt)
      return session
    },
  })
}
