import multipart from '@fastify/multipart'
import { idInput, parseInput, storeErrors, textInput } from '@millrace-store/store/service'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { MediaContext } from '../app.ts'
import { findFile, findSameFile, insertFile, storedBytes } from '../file-queries.ts'
import { ACCEPTED_FORMATS, MAX_UPLOAD_BYTES, optimizeUpload } from '../variants.ts'

const FIELD = 'file'
const uploadInput = z.object({ ownerId: idInput, name: textInput(200) })

interface Upload {
  ownerId: number
  name: string
  data: Buffer
}

/** Reads the form; what is sent after the first file or beyond the limits is refused, not kept. */
async function readUpload(request: FastifyRequest): Promise<Upload> {
  const part = request.isMultipart() ? await request.file() : undefined
  if (part === undefined || part.fieldname !== FIELD) throw storeErrors.FILE_MISSING({ field: FIELD })
  const data = await part.toBuffer().catch((error: unknown) => {
    const tooLarge = (error as { code?: unknown }).code === 'FST_REQ_FILE_TOO_LARGE'
    throw tooLarge ? storeErrors.FILE_TOO_LARGE({ maxBytes: MAX_UPLOAD_BYTES }, error) : error
  })
  const owner = part.fields['ownerId']
  const ownerId = owner !== undefined && 'value' in owner ? owner.value : undefined
  return { ...parseInput('body', uploadInput, { ownerId, name: part.filename }), data }
}

export async function uploadRoutes(app: FastifyInstance, context: MediaContext): Promise<void> {
  const { database, storage, maxStoredBytes } = context
  await app.register(multipart, {
    limits: { files: 1, fields: 4, parts: 5, fileSize: MAX_UPLOAD_BYTES, fieldSize: 1_024, headerPairs: 20 },
  })

  app.post('/upload', async (request, reply) => {
    const { ownerId, name, data } = await readUpload(request)
    const sha256 = createHash('sha256').update(data).digest('hex')
    const known = await findSameFile(database, ownerId, sha256)
    if (known !== undefined) return reply.code(200).send(known)

    if ((await storedBytes(database)) >= maxStoredBytes)
      throw storeErrors.STORAGE_FULL({ maxBytes: maxStoredBytes })
    const optimized = await optimizeUpload(data)
    if (!(ACCEPTED_FORMATS as readonly string[]).includes(optimized.format)) {
      throw storeErrors.FILE_TYPE({ accepted: ACCEPTED_FORMATS })
    }
    const id = randomUUID()
    // Files first: a row always has its files, while files without a row are only garbage.
    await storage.save(id, optimized.variants)
    const inserted = await insertFile(database, {
      id,
      ownerId,
      name,
      bytes: data.byteLength,
      sha256,
      optimized,
    }).catch(async (error: unknown) => {
      await storage.remove(id)
      throw error
    })
    if (inserted)
      return reply
        .code(201)
        .header('location', `/files/${id}`)
        .send(await findFile(database, id))
    await storage.remove(id)
    return reply.code(200).send(await findSameFile(database, ownerId, sha256))
  })
}
