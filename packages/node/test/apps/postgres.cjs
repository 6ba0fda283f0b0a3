const pg = require('pg')

/** Every way to call `query`; prints what each came to. */
async function main() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
  const client = await pool.connect()
  const results = {}
  results.promise = (await client.query('select 1 as n')).rows
  results.config = (await client.query({ text: 'SELECT $1::int as n', values: [2] })).rows
  results.callback = await new Promise((resolve) =>
    client.query('/* why */ VALUES (3)', (_e, r) => resolve(r.rowCount)),
  )
  results.values = await new Promise((resolve) =>
    client.query('SELECT $1::int as n', [4], (_error, result) => resolve(result.rows)),
  )
  const callbackConfig = { text: 'SHOW server_version_num' }
  results.configCallback = await new Promise((resolve) => {
    callbackConfig.callback = (_error, result) => resolve(result.command)
    void client.query(callbackConfig)
  })
  const query = new pg.Query('SELECT generate_series(1, 3)')
  let rows = 0
  query.on('row', () => rows++)
  client.query(query)
  await new Promise((resolve) => query.on('end', resolve))
  results.submittable = rows
  results.rejected = await client.query('DELETE FROM nothing_here').catch((error) => error.code)
  results.failedCallback = await new Promise((resolve) =>
    client.query('UPDATE nothing_here SET a = 1', (error) => resolve(error.code)),
  )
  client.release()
  results.pool = (await pool.query('CREATE TEMPORARY TABLE t (n int)')).command
  const unhandled = new Promise((resolve) =>
    process.once('unhandledRejection', (error) => resolve(error.code)),
  )
  void pool.query('INSERT INTO nothing_here VALUES (1)')
  results.unhandled = await unhandled
  await pool.end()
  process.stdout.write(`${JSON.stringify(results)}\n`)
}

void main()
