export const IMAGE_FORMATS = ['avif', 'webp', 'jpeg', 'png'] as const
export type ImageFormat = (typeof IMAGE_FORMATS)[number]

export interface ImageRequest {
  width?: number
  height?: number
  /** With both sides given: the whole picture inside the box (default), or cropped to fill it. */
  fit?: 'inside' | 'cover'
  /** 1–100. Default: per format. */
  quality?: number
  /** Default: negotiated from `accept`. */
  format?: ImageFormat
  /** The client's `Accept` header. */
  accept?: string
}

export interface OptimizedImage {
  data: Buffer
  format: ImageFormat
  width: number
  height: number
  originalBytes: number
}

export interface ImageOptimizer {
  /** `source` is an absolute URL on the allow list or a path below the application. */
  optimize(source: string, request: ImageRequest, signal?: AbortSignal): Promise<OptimizedImage>
}
