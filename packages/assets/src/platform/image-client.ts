import {
  IMAGE_FORMATS,
  MillraceError,
  type ImageFormat,
  type ImageRequest,
  type OptimizedImage,
  type RuntimeLink,
} from '@millrace/core'
import { createOutgoing, type Outgoing } from '@millrace/core/http'
import { imageUrl } from '../images/url.ts'

/** An optimised image, and where it is served. */
export interface ImageAnswer extends OptimizedImage {
  etag: string
}

interface Problem {
  code?: unknown
  title?: unknown
  detail?: unknown
  status?: unknown
}

/**
 * Asks the image process, as a browser would: what is made for an action is what a visitor gets, from the same store.
 */
export class ImageClient {
  readonly #runtime: RuntimeLink
  readonly #outgoing: Outgoing

  constructor(runtime: RuntimeLink) {
    this.#runtime = runtime
    this.#outgoing = createOutgoing({
      allowHosts: ['127.0.0.1'],
      timeoutMs: 60_000,
      maxBytes: 64 * 1_048_576,
    })
  }

  /** @throws the image server's errors, CORE_RUNTIME_UNAVAILABLE, CORE_OUTGOING_FAILED */
  async fetch(src: string, request: ImageRequest, signal?: AbortSignal): Promise<ImageAnswer> {
    const { accept = 'image/avif,image/webp,*/*;q=0.5', ...rest } = request
    const url = new URL(imageUrl(src, rest), await this.#address())
    const { status, headers, body } = await this.#outgoing.fetchBytes(url, {
      headers: { accept },
      ...(signal === undefined ? {} : { signal }),
    })
    if (status !== 200) throw fromProblem(status, body)
    return {
      data: body,
      format: formatOf(headers['content-type']),
      width: Number(headers['x-image-width']),
      height: Number(headers['x-image-height']),
      originalBytes: Number(headers['x-original-bytes']),
      etag: (headers.etag ?? '').replaceAll('"', ''),
    }
  }

  /** The image process's own word on how it is. */
  async health(): Promise<unknown> {
    const { body } = await this.#outgoing.fetchBytes(new URL('/health', await this.#address()))
    return JSON.parse(body.toString()) as unknown
  }

  close(): Promise<void> {
    return this.#outgoing.close()
  }

  async #address(): Promise<string> {
    const { url } = await this.#runtime.call<{ url: string }>('assets', 'address')
    return url
  }
}

const formatOf = (contentType: string | undefined): ImageFormat =>
  IMAGE_FORMATS.find((format) => contentType === `image/${format}`) ?? 'jpeg'

/** The error as it was there: same code, same status. */
function fromProblem(status: number, body: Buffer): MillraceError {
  let problem: Problem = {}
  try {
    problem = JSON.parse(body.toString()) as Problem
  } catch {
    // Not a problem document: the status has to do.
  }
  const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)
  return new MillraceError(text(problem.detail, `The image server answered ${status}.`), {
    code: text(problem.code, 'ASSETS_SOURCE_FAILED'),
    status,
    title: text(problem.title, 'Image cannot be optimised'),
    expose: true,
  })
}
