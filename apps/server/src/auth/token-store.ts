import type { Clock, Role } from '@millrace/core'
import type { Pool } from 'pg'
import { serverErrors } from '../errors.ts'
import { digest, newSecret } from './secrets.ts'

export interface ApiToken {
  id: string
  name: string
  role: Role
  createdBy: string
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface TokenStore {
  list(): Promise<ApiToken[]>
  /** `token` is returned this once; only its hash is stored. */
  create(token: {
    name: string
    role: Role
    createdBy: string
    expiresInDays?: number | undefined
  }): Promise<ApiToken & { token: string }>
  /** Throws SERVER_NOT_FOUND. */
  revoke(id: string): Promise<ApiToken>
  find(secret: string): Promise<Pick<ApiToken, 'name' | 'role'> | undefined>
}

/** Marks a token in logs and in secret scanners. */
export const TOKEN_PREFIX = 'mlr_'
const DAY_MS = 86_400_000

interface Row {
  id: string
  name: string
  role: Role
  created_by: string
  created_at: Date
  expires_at: Date | null
  last_used_at: Date | null
}
const COLUMNS = 'id, name, role, created_by, created_at, expires_at, last_used_at'
const toToken = (row: Row): ApiToken => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? null,
  lastUsedAt: row.last_used_at?.getTime() ?? null,
})

export function createTokenStore(pool: Pool, clock: Clock): TokenStore {
  return {
    list: async () => {
      const { rows } = await pool.query<Row>(`select ${COLUMNS} from platform.api_tokens order by created_at`)
      return rows.map(toToken)
    },
    create: async ({ name, role, createdBy, expiresInDays }) => {
      const token = TOKEN_PREFIX + newSecret()
      const expiresAt = expiresInDays === undefined ? null : new Date(clock.now() + expiresInDays * DAY_MS)
      const { rows } = await pool.query<Row>(
        `insert into platform.api_tokens (secret_hash, name, role, created_by, expires_at)
         values ($1, $2, $3, $4, $5) on conflict (name) do nothing returning ${COLUMNS}`,
        [digest('token', token), name, role, createdBy, expiresAt],
      )
      if (rows[0] === undefined)
        throw serverErrors.CONFLICT({ what: `A token named '${name}' exists already.` })
      return { ...toToken(rows[0]), token }
    },
    revoke: async (id) => {
      const { rows } = await pool.query<Row>(
        `delete from platform.api_tokens where id = $1 returning ${COLUMNS}`,
        [id],
      )
      if (rows[0] === undefined) throw serverErrors.NOT_FOUND({ what: `Token '${id}'` })
      return toToken(rows[0])
    },
    find: async (secret) => {
      const { rows } = await pool.query<Row & { stale: boolean }>(
        `select ${COLUMNS}, coalesce(last_used_at < now() - interval '1 minute', true) as stale
         from platform.api_tokens where secret_hash = $1 and (expires_at is null or expires_at > $2)`,
        [digest('token', secret), new Date(clock.now())],
      )
      const row = rows[0]
      // Once a minute is enough to find unused tokens; a write per request is not wanted.
      if (row?.stale === true) {
        await pool.query('update platform.api_tokens set last_used_at = now() where id = $1', [row.id])
      }
      return row === undefined ? undefined : { name: row.name, role: row.role }
    },
  }
}
