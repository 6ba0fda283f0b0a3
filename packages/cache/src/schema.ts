/**
 * A schema of any library that follows Standard Schema, version 1 (https://standardschema.dev): the part of it that a
 * cache needs.
 */
export interface Schema<Value = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
    readonly types?: { readonly input: Value; readonly output: unknown } | undefined
  }
}

export type SchemaResult =
  { readonly issues?: undefined; readonly value: unknown } | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A schema that throws, or never answers in a usable form, accepts nothing. */
export async function checkSchema(
  schema: Schema,
  value: unknown,
): Promise<{ valid: true } | { valid: false; problem: string }> {
  try {
    return judged(await schema['~standard'].validate(value))
  } catch (error) {
    return { valid: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

export function judged(result: SchemaResult): { valid: true } | { valid: false; problem: string } {
  const issue = result.issues?.[0]
  if (issue === undefined) return { valid: true }
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return { valid: false, problem: path === '' ? issue.message : `${path}: ${issue.message}` }
}
