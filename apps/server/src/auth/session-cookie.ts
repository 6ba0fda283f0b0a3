import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { serverErrors } from '../errors.ts'

export interface SessionCookie {
  /** Reads the installation's id; before it, nobody can be recognised. */
  load(): Promise<void>
  /**
   * The session's secret, if the browser sent one. Throws SERVER_NOT_STARTED when it cannot be told yet whether a cookie
   * is ours: to answer "sign in" would make the panel forget a session that is still good.
   */
  read(request: FastifyRequest): string | undefined
  set(request: FastifyRequest, reply: FastifyReply, secret: string, maxAgeSeconds: number): void
  clear(request: FastifyRequest, reply: FastifyReply): void
}

const PREFIX = 'millrace_session_'

const attributes = (request: FastifyRequest) => ({
  // Behind the gateway the application has the same host and port: it has no business with this cookie.
  path: '/api',
  httpOnly: true,
  sameSite: 'lax' as const,
  secure: request.protocol === 'https',
})

/**
 * The cookie of a signed-in browser. Cookies belong to a host whatever its port (RFC 6265 § 8.5), so each installation has
 * a name of its own: signing in to one on this machine must not sign anybody out of another. The id is kept in the
 * database, beside the sessions it stands for.
 */
export function createSessionCookie(pool: Pool): SessionCookie {
  let name: string | undefined
  const known = (): string => {
    if (name === undefined) throw serverErrors.NOT_STARTED({})
    return name
  }
  return {
    load: async () => {
      const { rows } = await pool.query<{ id: string }>('select id from platform.installation')
      // Eight hexadecimal digits keep the copies on one machine apart; more would only be longer.
      name = PREFIX + (rows[0]?.id ?? '').slice(0, 8)
    },
    read: (request) => {
      const { cookies } = request
      if (name !== undefined) return cookies[name]
      if (Object.keys(cookies).some((candidate) => candidate.startsWith(PREFIX))) known()
      return undefined
    },
    set: (request, reply, secret, maxAgeSeconds) =>
      void reply.setCookie(known(), secret, { ...attributes(request), maxAge: maxAgeSeconds }),
    clear: (request, reply) => void reply.clearCookie(known(), attributes(request)),
  }
}
