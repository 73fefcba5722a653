/** A schema of the user's that cannot be read or is none. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError'
}
