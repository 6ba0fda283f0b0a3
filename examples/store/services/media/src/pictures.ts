import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { PICTURES, type Picture } from '@millrace-store/store/data'

/** Changed whenever the pictures would come out differently: they are then made again. */
const EDITION = 'edition-1'

/** A shop's camera files are hardly compressed; what is sent to browsers is the image optimiser's business. */
const JPEG_QUALITY = 92

const require = createRequire(import.meta.url)
const photographFile = (picture: Picture): string =>
  join(dirname(require.resolve(`${picture.photograph.package}/package.json`)), 'data', 'image.jpg')

/**
 * Cuts the store's pictures out of the photographs, into `<directory>/product<n>.jpg`. Returns how many were made:
 * 0 when they exist already.
 */
export async function makePictures(directory: string): Promise<number> {
  const stamp = join(directory, '.edition')
  const made = await readFile(stamp, 'utf8').catch(() => '')
  if (made === EDITION) return 0
  await mkdir(directory, { recursive: true })
  // Only now: it takes longer to load than everything else here.
  const { default: sharp } = await import('sharp')
  const waiting = [...PICTURES]
  const work = async (): Promise<void> => {
    for (let picture = waiting.shift(); picture !== undefined; picture = waiting.shift()) {
      const { width, height } = picture.photograph
      const [left, top, cropWidth, cropHeight] = picture.crop
      const jpeg = await sharp(photographFile(picture))
        .extract({
          left: Math.round(left * width),
          top: Math.round(top * height),
          width: Math.round(cropWidth * width),
          height: Math.round(cropHeight * height),
        })
        .resize(picture.width, picture.height, { fit: 'fill', kernel: 'lanczos3' })
        .jpeg({ quality: JPEG_QUALITY })
        .toBuffer()
      await writeWhole(join(directory, picture.path.slice('/images/'.length)), jpeg)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  await writeWhole(stamp, EDITION)
  return PICTURES.length
}

/** Nobody ever sees half a file. */
export async function writeWhole(file: string, content: Buffer | string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`
  try {
    await writeFile(partial, content)
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}
