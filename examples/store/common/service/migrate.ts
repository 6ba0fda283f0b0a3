import { Client } from 'pg'

export interface Migration {
  /** Unique and never changed once released: `001-products`. Applied in the order of the list. */
  name: string
  sql: string
}

export interface MigrateOptions {
  url: string
  migrations: readonly Migration[]
  /** Fills the new database, once, in the transaction of the migrations: a crash leaves nothing half done. */
  seed?: (client: Client) => Promise<void>
}

export interface MigrateResult {
  applied: string[]
  seeded: boolean
}

/** Any number will do as long as everyone who migrates uses the same one. */
const MIGRATION_LOCK = 7_261_904

/** Brings a database up to date. Safe to run at every start and in several processes at once. */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const client = new Client({ connectionString: options.url, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    const result = await applyAll(client, options)
    await client.query('COMMIT')
    if (result.seeded) await analyze(client)
    return result
  } finally {
    // Ends the transaction too when something was thrown inside it.
    await client.end()
  }
}

/** So that the first queries after a seed are planned well; autovacuum would take a minute to notice. */
async function analyze(client: Client): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    "SELECT quote_ident(tablename) AS table FROM pg_tables WHERE schemaname = 'public'",
  )
  await client.query(`ANALYZE ${rows.map((row) => row.table).join(', ')}`)
}

async function applyAll(client: Client, { migrations, seed }: MigrateOptions): Promise<MigrateResult> {
  await client.query(
    'CREATE TABLE IF NOT EXISTS store_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  )
  const { rows } = await client.query<{ name: string }>('SELECT name FROM store_migrations')
  const known = new Set(rows.map((row) => row.name))
  const applied: string[] = []
  for (const { name, sql } of migrations) {
    if (known.has(name)) continue
    await client.query(sql)
    await client.query('INSERT INTO store_migrations (name) VALUES ($1)', [name])
    applied.push(name)
  }
  if (seed === undefined || known.has('seed')) return { applied, seeded: false }
  await seed(client)
  await client.query("INSERT INTO store_migrations (name) VALUES ('seed')")
  return { applied, seeded: true }
}

/** Rows per statement: few round trips, while one statement stays below a megabyte or so. */
const BATCH = 2_500

/**
 * Inserts rows whose keys are column names. One JSON parameter per batch: no limit of 65,535 parameters, and
 * PostgreSQL converts each column to its own type. Columns absent from the first row keep their defaults.
 */
export async function insertRows(client: Client, table: string, rows: Iterable<object>): Promise<void> {
  let batch: object[] = []
  let columns: string | undefined
  const flush = async (): Promise<void> => {
    const names = (columns ??= Object.keys(batch[0] ?? {}).join(', '))
    await client.query(
      `INSERT INTO ${table} (${names}) SELECT ${names} FROM json_populate_recordset(null::${table}, $1::json)`,
      [JSON.stringify(batch)],
    )
    batch = []
  }
  for (const row of rows) {
    batch.push(row)
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
}

/** After rows were inserted with given ids, new ones continue behind them. */
export async function continueIdentity(client: Client, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT coalesce(max(id), 1) FROM ${table}))`,
    )
  }
}
