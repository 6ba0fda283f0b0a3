import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import { postgresErrors } from './errors.ts'

const NAME = /^(?!postgres$|template)[a-z][a-z0-9_]{0,62}$/

// Two callers at once: the second finds it made. duplicate_object, duplicate_database, unique_violation.
const EXISTS = new Set(['42710', '42P04', '23505'])

const unlessExists = (error: { code?: string }): void => {
  if (!EXISTS.has(error.code ?? '')) throw error
}

/** Throws POSTGRES_NAME_INVALID. */
export function checkDatabaseName(name: string): void {
  if (!NAME.test(name)) throw postgresErrors.NAME_INVALID({ name })
}

/** A database and a role of the same name, which owns it and is the only one beside superusers that may enter. */
export async function createOwnedDatabase(adminUrl: string, name: string, password: string): Promise<void> {
  const identifier = escapeIdentifier(name)
  await withClient(adminUrl, async (client) => {
    await client.query(`create role ${identifier}`).catch(unlessExists)
    await client.query(`alter role ${identifier} login nocreatedb password ${escapeLiteral(password)}`)
    if (await createIfMissing(client, name, `owner ${identifier}`)) {
      await client.query(`revoke all on database ${identifier} from public`)
    }
  })
}

/**
 * Makes a database on a server that is not ours, as the user of `url`, who needs the right to (CREATEDB) unless it exists.
 * Returns its connection string. Throws POSTGRES_NAME_INVALID and what the server says.
 */
export async function createExternalDatabase(url: string, name: string): Promise<string> {
  checkDatabaseName(name)
  await withClient(url, (client) => createIfMissing(client, name, ''))
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

async function createIfMissing(client: Client, name: string, options: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
  if (rowCount !== 0) return false
  await client.query(`create database ${escapeIdentifier(name)} ${options}`).catch(unlessExists)
  return true
}

async function withClient<Result>(url: string, run: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end().catch(() => {})
  }
}
