/** What a message breaks: its form, the bytes of its head, the number of its fields, or the extensions of its chunks. */
export type SyntaxProblem = 'form' | 'head-bytes' | 'field-count' | 'extension-bytes'

/** A message that is refused, by a rule that its text names. */
export class MessageSyntaxError extends Error {
  readonly code = 'ERR_HTTP_SYNTAX'
  readonly problem: SyntaxProblem

  constructor(rule: string, problem: SyntaxProblem = 'form') {
    super(rule)
    this.problem = problem
  }
}
