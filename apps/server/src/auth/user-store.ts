import type { Role } from '@millrace/core'
import type { Pool } from 'pg'
import { serverErrors } from '../errors.ts'
import { generatePassword, hashPassword, verifyPassword } from './password.ts'

export interface User {
  name: string
  role: Role
  disabled: boolean
  createdAt: number
  lastLoginAt: number | null
}

export interface UserStore {
  list(): Promise<User[]>
  /** Throws SERVER_CONFLICT when the name is taken. */
  create(user: { name: string; password: string; role: Role }): Promise<User>
  /** Ends the user's sessions when role, password or access change. Throws SERVER_NOT_FOUND, SERVER_CONFLICT. */
  change(name: string, change: { role?: Role; disabled?: boolean; password?: string }): Promise<User>
  remove(name: string): Promise<void>
  /** The user, if the password is right and the account is enabled. Takes as long for a name that does not exist. */
  verify(name: string, password: string): Promise<User | undefined>
  /** Creates `admin` when there is no user at all; returns its password if that was generated. */
  ensureAdministrator(password: string | undefined): Promise<string | undefined>
}

interface Row {
  name: string
  role: Role
  disabled: boolean
  created_at: Date
  last_login_at: Date | null
}

const COLUMNS = 'name, role, disabled, created_at, last_login_at'
const toUser = (row: Row): User => ({
  name: row.name,
  role: row.role,
  disabled: row.disabled,
  createdAt: row.created_at.getTime(),
  lastLoginAt: row.last_login_at?.getTime() ?? null,
})

// The last administrator must not lock everybody out, by deletion, demotion or disabling. The rows are locked, so that
// two administrators cannot remove each other at the same moment.
const LAST_ADMINISTRATOR = 'The last enabled administrator must remain one'
const ADMINISTRATORS = `administrators as materialized (
  select name from platform.users where role = 'administrator' and not disabled order by name for update)`
const OTHER_ADMINISTRATOR = 'exists (select 1 from administrators o where o.name <> $1)'

export function createUserStore(pool: Pool): UserStore {
  let decoy: Promise<string> | undefined

  /** What a name that does not exist is checked against. One that could not be made (too busy) is made again. */
  const decoyHash = (): Promise<string> => {
    decoy ??= hashPassword(generatePassword())
    decoy.catch(() => (decoy = undefined))
    return decoy
  }
  const exists = async (name: string): Promise<boolean> =>
    (await pool.query('select 1 from platform.users where name = $1', [name])).rowCount === 1

  return {
    list: async () => {
      const { rows } = await pool.query<Row>(`select ${COLUMNS} from platform.users order by name`)
      return rows.map(toUser)
    },
    create: async ({ name, password, role }) => {
      const { rows } = await pool.query<Row>(
        `insert into platform.users (name, role, password_hash) values ($1, $2, $3)
         on conflict (name) do nothing returning ${COLUMNS}`,
        [name, role, await hashPassword(password)],
      )
      if (rows[0] === undefined)
        throw serverErrors.CONFLICT({ what: `A user named '${name}' exists already.` })
      return toUser(rows[0])
    },
    change: async (name, change) => {
      const hash = change.password === undefined ? null : await hashPassword(change.password)
      const { rows } = await pool.query<Row>(
        `with ${ADMINISTRATORS}, changed as (
           update platform.users set
             role = coalesce($2, role),
             disabled = coalesce($3, disabled),
             password_hash = coalesce($4, password_hash)
           where name = $1
             and (coalesce($2, role) = 'administrator' and not coalesce($3, disabled)
                  or role <> 'administrator' or disabled or ${OTHER_ADMINISTRATOR})
           returning ${COLUMNS}
         ), ended as (
           delete from platform.sessions where user_name = (select name from changed)
         )
         select ${COLUMNS} from changed`,
        [name, change.role ?? null, change.disabled ?? null, hash],
      )
      if (rows[0] !== undefined) return toUser(rows[0])
      throw (await exists(name))
        ? serverErrors.CONFLICT({ what: `${LAST_ADMINISTRATOR}.` })
        : serverErrors.NOT_FOUND({ what: `User '${name}'` })
    },
    remove: async (name) => {
      const { rowCount } = await pool.query(
        `with ${ADMINISTRATORS} delete from platform.users where name = $1
         and (role <> 'administrator' or disabled or ${OTHER_ADMINISTRATOR})`,
        [name],
      )
      if (rowCount === 1) return
      throw (await exists(name))
        ? serverErrors.CONFLICT({ what: `${LAST_ADMINISTRATOR}.` })
        : serverErrors.NOT_FOUND({ what: `User '${name}'` })
    },
    verify: async (name, password) => {
      const { rows } = await pool.query<Row & { password_hash: string }>(
        `select ${COLUMNS}, password_hash from platform.users where name = $1`,
        // No name has such a character, and PostgreSQL refuses it even in a comparison.
        [name.replaceAll('\u0000', '\uFFFD')],
      )
      const row = rows[0]
      const matches = await verifyPassword(password, row?.password_hash ?? (await decoyHash()))
      if (row === undefined || row.disabled || !matches) return undefined
      // Hashing takes a while: a password that was changed, or an account that was disabled meanwhile, counts.
      const { rowCount } = await pool.query(
        'update platform.users set last_login_at = now() where name = $1 and password_hash = $2 and not disabled',
        [name, row.password_hash],
      )
      return rowCount === 1 ? toUser(row) : undefined
    },
    ensureAdministrator: async (configured) => {
      const { rows } = await pool.query<{ none: boolean }>(
        'select not exists (select 1 from platform.users) as none',
      )
      if (rows[0]?.none !== true) return undefined
      const password = configured ?? generatePassword()
      const { rowCount } = await pool.query(
        `insert into platform.users (name, role, password_hash) values ('admin', 'administrator', $1)
         on conflict (name) do nothing`,
        [await hashPassword(password)],
      )
      return rowCount === 1 && configured === undefined ? password : undefined
    },
  }
}
