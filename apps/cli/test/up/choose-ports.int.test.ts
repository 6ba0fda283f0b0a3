import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LoadedConfig } from '@millrace/core'
import { choosePorts, type ChosenPorts } from '../../src/up/choose-ports.ts'
import { DataDir } from '../../src/up/data-dir.ts'

let folder = ''
let dataDir: DataDir
const taken = createServer()
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-ports-'))
  dataDir = DataDir.open(folder)
  await once(taken.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  dataDir.close()
  rmSync(folder, { recursive: true })
  await once(taken.close(), 'close')
})

const choose = (gateway: object): Promise<ChosenPorts> => {
  const config = { server: { host: '127.0.0.1', port: 0 }, gateway: { port: 0, ...gateway } }
  return choosePorts(config as unknown as LoadedConfig['config'], dataDir)
}

describe('choosePorts', () => {
  it('says by its setting which port for HTTPS is taken', async () => {
    const { port } = taken.address() as AddressInfo
    const problem = async (gateway: object): Promise<string> =>
      choose(gateway).then(
        () => '',
        (error: Error) => error.message,
      )
    expect(await problem({ tls: { enabled: true, port } })).toContain(
      `127.0.0.1:${port}: another program does. Choose another port with MILLRACE_TLS_PORT=… (setting gateway.tls.port)`,
    )
    expect(await problem({ front: { kind: 'caddy', port } })).toContain('(setting gateway.front.port)')
    expect(await problem({ tls: { enabled: false, port }, front: { kind: 'none', port } })).toBe('')
  })

  it('tells where visitors reach it by HTTPS', async () => {
    const tls = { enabled: true, port: 0, publicPort: 8_443 }
    const { secureUrls } = await choose({ host: '0.0.0.0', tls, front: { kind: 'caddy', port: 0 } })
    expect(secureUrls).toEqual(['https://localhost:8443'])
    expect((await choose({})).secureUrls).toEqual([])
  })
})
