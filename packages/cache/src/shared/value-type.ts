/**
 * How values of one class travel to the shared tier and back. Register it once per cache
 * (`parts.shared?.register(type)`): plain data needs none.
 */
export interface ValueType<Value = unknown> {
  /** Stands in every record: 16 to 255, and never another meaning for a number that was used before. */
  code: number
  matches(value: unknown): value is Value
  encode(value: Value): Buffer
  /** May throw: what cannot be decoded counts as garbage and is a miss. */
  decode(bytes: Buffer): Value
}
