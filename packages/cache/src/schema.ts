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
