import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './pictures.ts'
import { VARIANT_FORMAT, type Variant, type VariantName } from './variants.ts'

/** The files of uploads, below the store's data directory: `uploads/<id>/<variant>.webp`. */
export interface Storage {
  directory: string
  save(id: string, variants: readonly Variant[]): Promise<void>
  remove(id: string): Promise<void>
}

export const variantFile = (id: string, name: VariantName): string => `${id}/${name}.${VARIANT_FORMAT}`

export function createStorage(dataDir: string): Storage {
  const directory = join(dataDir, 'uploads')
  return {
    directory,
    save: async (id, variants) => {
      await mkdir(join(directory, id), { recursive: true })
      for (const { name, data } of variants) await writeWhole(join(directory, variantFile(id, name)), data)
    },
    remove: (id) => rm(join(directory, id), { recursive: true, force: true }),
  }
}
