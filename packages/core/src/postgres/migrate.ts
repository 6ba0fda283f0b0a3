import { createHash } from 'node:crypto'
import { escapeIdentifier, type Pool, type PoolClient } from 'pg'
import { postgresErrors } from './errors.ts'

export interface Migration {
  /** Unique in its schema and never changed: `0001-samples`. */
  name: string
  /** One or more statements. The schema is first on the search path. */
  up: string
}

/** The longest that a timer of Node's can wait, 24 days; pg takes 0 for "as configured", which is seconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A query without the pool's time limits: an index on a large table takes as long as it takes. */
const patient = (text: string, values?: unknown[]) => ({
  text,
  query_timeout: LONGEST_TIMER_MS,
  ...(values === undefined ? {} : { values }),
})

/** Two 32-bit halves of the lock's name: this constant, and a hash of the schema. */
const LOCK_CLASS = 0x6d696c6c

/**
 * Brings a schema up to date, in the order given, each migration in a transaction of its own. Safe to call from several
 * processes at once: one works, the others wait. Returns the names it applied.
 *
 * Throws POSTGRES_MIGRATION_CHANGED when an applied one differs from its text, POSTGRES_MIGRATION_MISSING when the database
 * knows one that the list does not, POSTGRES_MIGRATION_FAILED with the server's reason.
 */
export async function migrate(
  pool: Pool,
  schema: string,
  migrations: readonly Migration[],
): Promise<string[]> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    // Waiting for the other process may take as long as its migrations do.
    await client.query('set statement_timeout = 0')
    await client.query(patient('select pg_advisory_lock($1, hashtext($2))', [LOCK_CLASS, schema]))
    try {
      return await applyAll(client, schema, migrations)
    } finally {
      await client.query('select pg_advisory_unlock($1, hashtext($2))', [LOCK_CLASS, schema])
      await client.query('reset statement_timeout')
    }
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    // A connection in an unknown state, or one that may still hold the lock, is closed instead of reused.
    client.release(broken)
  }
}

async function applyAll(
  client: PoolClient,
  schema: string,
  migrations: readonly Migration[],
): Promise<string[]> {
  const identifier = escapeIdentifier(schema)
  await client.query(`create schema if not exists ${identifier}`)
  await client.query(`create table if not exists ${identifier}.migrations (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `select name, checksum from ${identifier}.migrations`,
  )
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  const known = new Map(migrations.map((migration) => [migration.name, checksumOf(migration)]))
  for (const [name, checksum] of applied) {
    if (!known.has(name)) throw postgresErrors.MIGRATION_MISSING({ schema, name })
    if (known.get(name) !== checksum) throw postgresErrors.MIGRATION_CHANGED({ schema, name })
  }
  const names: string[] = []
  for (const migration of migrations) {
    if (applied.has(migration.name)) continue
    await applyOne(client, schema, migration)
    names.push(migration.name)
  }
  return names
}

async function applyOne(client: PoolClient, schema: string, migration: Migration): Promise<void> {
  const identifier = escapeIdentifier(schema)
  await client.query('begin')
  try {
    await client.query(`set local search_path = ${identifier}, public`)
    await client.query(patient(migration.up))
    await client.query(`insert into ${identifier}.migrations (name, checksum) values ($1, $2)`, [
      migration.name,
      checksumOf(migration),
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw postgresErrors.MIGRATION_FAILED(
      { schema, name: migration.name, reason: (error as Error).message },
      error,
    )
  }
}

/** Of the text without the white space around it: an editor's final newline is no change. */
function checksumOf({ up }: Migration): string {
  return createHash('sha256').update(up.trim()).digest('hex')
}
