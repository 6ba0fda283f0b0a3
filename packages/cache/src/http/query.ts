/** More may be more than a framework reads (`qs`: 1,000), and what it ignores must not be part of the key. */
const MAX_PARAMETERS = 100

/** Path and query with the parameters in a fixed order and the ignored ones gone; otherwise as they were sent. */
export function normalisedPath(url: string, ignored: readonly string[]): string | undefined {
  // `*` and the absolute form are for servers and proxies.
  if (!url.startsWith('/')) return undefined
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const kept = keptParameters(url, mark, ignored)
  if (kept === undefined) return undefined
  // By name only and stable: the order of a repeated parameter may mean something.
  kept.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return joined(url, mark, kept)
}

/** A target without the ignored parameters, the others in the order they came; undefined when they are too many. */
export function withoutParameters(url: string, ignored: readonly string[]): string | undefined {
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const kept = keptParameters(url, mark, ignored)
  return kept === undefined ? undefined : joined(url, mark, kept)
}

interface Parameter {
  name: string
  text: string
}

function keptParameters(url: string, mark: number, ignored: readonly string[]): Parameter[] | undefined {
  const parameters: Parameter[] = []
  for (const text of url.slice(mark + 1).split('&', MAX_PARAMETERS + 1)) {
    if (text !== '') parameters.push({ name: parameterName(text), text })
  }
  if (parameters.length > MAX_PARAMETERS) return undefined
  // Some frameworks part parameters at semicolons, too: behind one there may be more than this name says.
  return parameters.filter(({ name, text }) => text.includes(';') || !ignored.includes(name))
}

const joined = (url: string, mark: number, kept: readonly Parameter[]): string =>
  kept.length === 0 ? url.slice(0, mark) : `${url.slice(0, mark)}?${kept.map(({ text }) => text).join('&')}`

const parameterName = (text: string): string => new URLSearchParams(text).keys().next().value ?? ''
