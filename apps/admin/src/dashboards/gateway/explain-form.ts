/** What is filled in to have a request explained. */
export interface ExplainForm {
  method: string
  url: string
  client: string
  /** `name: value`, one in a line. */
  headers: string
}

export interface ExplainInput extends Record<string, unknown> {
  method: string
  url: string
  client?: string
  headers: Record<string, string>
}

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export interface ExplainProblems {
  url?: string
  headers?: string
}

/** The action's input, or what is wrong with the form. */
export function explainInput(form: ExplainForm): { input?: ExplainInput; problems: ExplainProblems } {
  const problems: ExplainProblems = {}
  const url = form.url.trim()
  if (!/^(https?:\/\/[^/\s]+)?(\/\S*)?$/.test(url) || url === '')
    problems.url = 'https://shop.example/cart, or only /cart'
  const headers: Record<string, string> = {}
  for (const line of form.headers.split('\n').map((text) => text.trim())) {
    if (line === '') continue
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) problems.headers = `‘${line}’ is not name: value`
    else headers[name.toLowerCase()] = value
  }
  if (Object.keys(problems).length > 0) return { problems }
  const client = form.client.trim()
  return { input: { method: form.method, url, headers, ...(client === '' ? {} : { client }) }, problems }
}
