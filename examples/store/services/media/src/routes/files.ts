import fastifyStatic from '@fastify/static'
import { limitInput, offsetInput, parseInput, storeErrors } from '@millrace-store/store/service'
import type { FastifyInstance } from 'fastify'
import { mkdir } from 'node:fs/promises'
import { z } from 'zod'
import type { MediaContext } from '../app.ts'
import { deleteFile, findFile, listFiles } from '../file-queries.ts'
import { variantFile } from '../storage.ts'
import { VARIANT_NAMES } from '../variants.ts'

const fileParams = z.object({ id: z.uuid() })
const variantParams = z.object({ id: z.uuid(), variant: z.enum(VARIANT_NAMES) })
const pageInput = z.object({ limit: limitInput(24, 100), offset: offsetInput })

export async function fileRoutes(app: FastifyInstance, { database, storage }: MediaContext): Promise<void> {
  await mkdir(storage.directory, { recursive: true })
  // Serves nothing by itself; adds `reply.sendFile` with ranges and conditional requests.
  await app.register(fastifyStatic, { root: storage.directory, serve: false })

  app.get('/files', (request) => listFiles(database, parseInput('query', pageInput, request.query)))

  app.get('/files/:id', async (request) => {
    const { id } = parseInput('path', fileParams, request.params)
    const file = await findFile(database, id)
    if (file === undefined) throw storeErrors.NOT_FOUND({ what: 'file', id })
    return file
  })

  // An upload never changes under its id, so browsers may keep it for a year.
  app.get('/files/:id/:variant', (request, reply) => {
    const { id, variant } = parseInput('path', variantParams, request.params)
    reply.header('x-content-type-options', 'nosniff')
    return reply.sendFile(variantFile(id, variant), { maxAge: 31_536_000_000, immutable: true })
  })

  app.delete('/files/:id', async (request, reply) => {
    const { id } = parseInput('path', fileParams, request.params)
    if (!(await deleteFile(database, id))) throw storeErrors.NOT_FOUND({ what: 'file', id })
    await storage.remove(id)
    return reply.code(204).send()
  })
}
