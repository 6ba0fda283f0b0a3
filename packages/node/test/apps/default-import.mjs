import pg from 'pg'

// oxlint-disable-next-line import/no-named-as-default-member -- the way most applications write it
const { Client } = pg
const client = new Client(process.env.DATABASE_URL)
await client.connect()
await client.query('SELECT 1')
await client.end()
process.stdout.write('"done"\n')
