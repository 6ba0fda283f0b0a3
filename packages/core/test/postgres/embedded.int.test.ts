import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { waitFor } from '@millrace/testing'
import { Client } from 'pg'
import { silentLogger } from '../../src/index.ts'
import {
  createPool,
  findPostgresBinaries,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/postgres/index.ts'
import { processIdentity } from '../../src/process/index.ts'

let template = ''
let folder = ''
const running: EmbeddedPostgres[] = []
// Making a cluster takes seconds, so it is made once and copied.
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'millrace-pg-'))
  const server = await startEmbeddedPostgres({
    dataDir: join(template, 'postgres'),
    logger: silentLogger,
    settings: FAST,
  })
  await server.stop({ deadlineMs: 5_000 })
})
afterAll(() => rmSync(template, { recursive: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-pg-'))
  execFileSync('cp', ['-a', join(template, 'postgres'), folder])
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop({ deadlineMs: 5_000 })))
  rmSync(folder, { recursive: true })
})

// A crash of a process loses nothing that the operating system has, so most of these need no disk.
const FAST = { shared_buffers: '16MB', fsync: 'off' }

async function start(settings: Record<string, string> = FAST): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    logger: silentLogger,
    settings,
  })
  running.push(server)
  return server
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe('startEmbeddedPostgres', () => {
  // mkdtemp makes the folder 0700: as root, this is also the case of a clone that only root may enter.
  it('keeps data and port over an orderly stop, durable and in UTF-8', async () => {
    const first = await start({})
    const shop = await first.createDatabase('shop')
    await query(shop, `create table t (name text); insert into t values ('Größe 你好')`)
    await first.stop({ deadlineMs: 10_000 })
    const second = await start({})
    expect(second.port).toBe(first.port)
    expect(await query(second.url('shop'), 'select name from t')).toEqual([{ name: 'Größe 你好' }])
    const [settings] = await query(
      second.url('shop'),
      `select current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
       current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as sockets`,
    )
    expect(settings).toEqual({ encoding: 'UTF8', fsync: 'on', listen: '127.0.0.1', sockets: '' })
  })

  it('comes back on the same port after SIGKILL, and pools recover', async () => {
    const server = await start()
    const pool = createPool(server.url('postgres'), { logger: silentLogger })
    await pool.query('create table t (n int)')
    const { pid, port } = server
    const exited = new Promise<string>((resolve) => server.onExit(resolve))
    process.kill(pid!, 'SIGKILL')
    expect(await exited).toBe('was ended by SIGKILL')
    await waitFor(async () => (await pool.query('select count(*) from t')).rowCount === 1, {
      deadlineMs: 20_000,
    })
    await waitFor(() => server.status().state === 'ready')
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(server.status()).toMatchObject({ state: 'ready', restarts: 1, address: `127.0.0.1:${port}` })
    await pool.end()
  })

  it('lets the owner of a database enter that one only', async () => {
    const server = await start()
    const [shop, media] = await Promise.all([server.createDatabase('shop'), server.createDatabase('media')])
    expect(await server.createDatabase('shop')).toBe(shop)
    await query(shop, 'create table mine (n int)')
    const [role] = await query(
      shop,
      'select rolsuper, rolcreaterole from pg_roles where rolname = current_user',
    )
    expect(role).toEqual({ rolsuper: false, rolcreaterole: false })
    const foreign = new URL(shop)
    foreign.pathname = '/media'
    await expect(query(foreign.href, 'select 1')).rejects.toThrow('permission denied')
    expect(await query(media, 'select 1 as one')).toEqual([{ one: 1 }])
    await expect(server.createDatabase('no-such; name')).rejects.toMatchObject({
      code: 'POSTGRES_NAME_INVALID',
    })
    await expect(server.createDatabase('template1')).rejects.toMatchObject({ code: 'POSTGRES_NAME_INVALID' })
  })

  it('keeps its password to itself', async () => {
    const server = await start()
    expect(statSync(join(folder, 'postgres/password')).mode & 0o777).toBe(0o600)
    const wrong = new URL(server.url('postgres'))
    wrong.password = 'postgres'
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
  })

  it('starts although postmaster.pid names a process that lives', async () => {
    const server = await start()
    process.kill(server.pid!, 'SIGKILL')
    await server.stop({ deadlineMs: 5_000 })
    // What a reused pid looks like: ours is alive and no database server.
    const lockFile = join(folder, 'postgres/cluster/postmaster.pid')
    const lines = [
      process.pid,
      join(folder, 'postgres/cluster'),
      0,
      server.port,
      '',
      '127.0.0.1',
      '',
      'ready',
    ]
    writeFileSync(lockFile, lines.join('\n'))
    const again = await start()
    expect(await query(again.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('shuts down a server that outlived its supervisor, and refuses while that one lives', async () => {
    const dataDir = join(folder, 'postgres')
    const script = `
      import { startEmbeddedPostgres } from '@millrace/core/postgres'
      import { silentLogger } from '@millrace/core'
      const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, logger: silentLogger })
      console.log(server.pid)`
    const parent = spawn(
      process.execPath,
      ['--conditions=millrace:source', '--input-type=module', '-e', script],
      { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
    const orphan = Number(line.toString())
    await expect(start()).rejects.toMatchObject({ code: 'POSTGRES_IN_USE', details: { pid: parent.pid } })
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    const server = await start()
    expect(processIdentity(orphan)).toBeUndefined()
    expect(await query(server.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('takes another port when the last one is taken', async () => {
    const first = await start()
    await first.stop({ deadlineMs: 5_000 })
    const squatter = createServer().listen(first.port, '127.0.0.1')
    await once(squatter, 'listening')
    try {
      const second = await start()
      expect(second.port).not.toBe(first.port)
      expect(await query(second.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }])
    } finally {
      squatter.close()
    }
  })

  it('says what the server said when it cannot start', async () => {
    const server = await start()
    await server.stop({ deadlineMs: 5_000 })
    writeFileSync(join(folder, 'postgres/cluster/PG_VERSION'), '12\n')
    await expect(start()).rejects.toThrow('database files are incompatible with server')
  })

  it('runs as the owner of the cluster, whoever that is', async () => {
    const first = await start()
    await first.stop({ deadlineMs: 5_000 })
    const cluster = join(folder, 'postgres/cluster')
    // Only root can give it to somebody else; for others this is a plain second start.
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'nobody', cluster])
    const owner = statSync(cluster).uid
    const second = await start()
    expect(second.status().state).toBe('ready')
    expect(statSync(`/proc/${second.pid}`).uid).toBe(owner)
  })

  it('runs from a folder that only its owner may enter, programs included', async () => {
    const { postgres } = await findPostgresBinaries()
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    execFileSync('cp', ['-a', join(dirname(postgres), '..'), join(closed, 'native')])
    const bin = join(closed, 'native/bin')
    const server = await startEmbeddedPostgres({
      dataDir: join(closed, 'data'),
      logger: silentLogger,
      settings: FAST,
      binaries: { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') },
    })
    running.push(server)
    expect(await query(server.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('begins again after an interrupted initdb', async () => {
    rmSync(join(folder, 'postgres'), { recursive: true })
    mkdirSync(join(folder, 'postgres/cluster.new'), { recursive: true })
    writeFileSync(join(folder, 'postgres/cluster.new/half'), '')
    const server = await start()
    expect(readFileSync(join(folder, 'postgres/cluster/PG_VERSION'), 'utf8')).toBe('18\n')
    expect(server.status().state).toBe('ready')
  })
})
