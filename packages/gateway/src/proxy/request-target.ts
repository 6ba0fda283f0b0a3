const SLASH = 47

export interface RequestTarget {
  path: string
  /** Of an absolute-form target, which takes precedence over the Host header (RFC 9112, 3.2.2). */
  host: string | undefined
}

/** The path of an origin-form or absolute-form target; undefined for any other form. */
export function parseRequestTarget(url: string): RequestTarget | undefined {
  if (url.charCodeAt(0) === SLASH) return { path: url, host: undefined }
  const absolute = /^https?:\/\/([^/?#@\s]+)([/?].*)?$/i.exec(url)
  if (absolute === null) return undefined
  const rest = absolute[2] ?? '/'
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host: absolute[1]! }
}
