import type { Source } from './nodes.ts'

/** A template that cannot be parsed or run; the message is Go's, file and line stand beside it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly file: string
  readonly line: number
  readonly column: number | undefined

  constructor(message: string, place: { file: string; line: number; column?: number | undefined }) {
    super(message)
    this.file = place.file
    this.line = place.line
    this.column = place.column
  }
}

/** Line (from 1) and column (from 0, in bytes, as Go counts) of an offset. */
export function placeOf(source: Source, offset: number): { line: number; column: number } {
  const before = source.text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return {
    line: before.split('\n').length,
    column: Buffer.byteLength(before.slice(lineStart)),
  }
}
