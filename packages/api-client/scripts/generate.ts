import { writeFile } from 'node:fs/promises'
import { discoverCapabilities, platformConfig, silentLogger } from '@millrace/core'
import { createServer } from '@millrace/server'
import { format, resolveConfig } from 'prettier'
import { openApiTypes } from './openapi-types.ts'

/**
 * Writes src/schema.gen.ts from the OpenAPI document of a control plane with every capability of this workspace.
 * Nothing is started: no network, no database. A test holds that the file is up to date.
 */

const target = new URL('../src/schema.gen.ts', import.meta.url)

export async function generate(): Promise<string> {
  const discovered = await discoverCapabilities({ from: new URL('../../../', import.meta.url) })
  const server = await createServer({
    capabilities: discovered.map(({ capability }) => capability),
    config: platformConfig.parse({}),
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    dataDir: '/nonexistent',
    publicUrl: 'http://localhost:3000',
    telemetryToken: 'unused',
    controlToken: 'unused',
    logger: silentLogger,
  })
  try {
    const options = await resolveConfig(target)
    return await format(openApiTypes(server.openApi()), { ...options, parser: 'typescript' })
  } finally {
    await server.stop()
  }
}

if (import.meta.main) {
  await writeFile(target, await generate())
}
