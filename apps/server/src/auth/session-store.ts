import type { Clock, Role } from '@millrace/core'
import type { Pool } from 'pg'
import type { SessionIdentity } from '../http/access.ts'
import { digest, newSecret } from './secrets.ts'

export interface SessionStore {
  /** Returns the secret for the cookie; only its hash is stored. */
  open(
    user: { name: string; role: Role },
    from: { address: string; userAgent: string },
  ): Promise<OpenedSession>
  /** Undefined for an unknown, ended or expired one, and for a user who has been disabled. */
  find(secret: string): Promise<SessionIdentity | undefined>
  end(secret: string): Promise<void>
  removeExpired(): Promise<void>
}

export interface OpenedSession extends SessionIdentity {
  secret: string
}

// Derived, so that there is nothing more to store and a new session always has a new one.
const csrfTokenOf = (secret: string): string => digest('csrf', secret).toString('base64url')

export function createSessionStore(pool: Pool, clock: Clock, sessionMs: () => number): SessionStore {
  return {
    open: async (user, { address, userAgent }) => {
      const secret = newSecret()
      const expiresAt = clock.now() + sessionMs()
      await pool.query(
        `insert into platform.sessions (secret_hash, user_name, expires_at, address, user_agent)
         values ($1, $2, $3, $4, $5)`,
        [digest('session', secret), user.name, new Date(expiresAt), address, userAgent.slice(0, 300)],
      )
      return { secret, user: { name: user.name, role: user.role }, csrfToken: csrfTokenOf(secret), expiresAt }
    },
    find: async (secret) => {
      const { rows } = await pool.query<{ name: string; role: Role; expires_at: Date }>(
        `select u.name, u.role, s.expires_at
         from platform.sessions s join platform.users u on u.name = s.user_name
         where s.secret_hash = $1 and s.expires_at > $2 and not u.disabled`,
        [digest('session', secret), new Date(clock.now())],
      )
      const row = rows[0]
      return row === undefined
        ? undefined
        : {
            user: { name: row.name, role: row.role },
            csrfToken: csrfTokenOf(secret),
            expiresAt: row.expires_at.getTime(),
          }
    },
    end: async (secret) => {
      await pool.query('delete from platform.sessions where secret_hash = $1', [digest('session', secret)])
    },
    removeExpired: async () => {
      await pool.query('delete from platform.sessions where expires_at <= $1', [new Date(clock.now())])
    },
  }
}
