import type { Attributes, AttributeValue } from '../request-note.ts'
import type { ProtoWriter } from './proto-writer.ts'

/** Longer texts are cut: an attribute tells, it does not carry. */
const LONGEST_TEXT = 16 * 1024

/** Writes `KeyValue` messages as `field`, one for each pair. */
export function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (let at = 0; at < attributes.length; at += 2) {
    const pair = writer.open(field)
    writer.text(1, attributes[at] as string)
    const value = writer.open(2)
    writeValue(writer, attributes[at + 1] as AttributeValue)
    writer.close(value)
    writer.close(pair)
  }
}

/** The fields of an `AnyValue`. */
function writeValue(writer: ProtoWriter, value: AttributeValue): void {
  if (typeof value === 'string') writer.text(1, value.slice(0, LONGEST_TEXT))
  else if (typeof value === 'boolean') writer.uint(2, value ? 1 : 0)
  else if (typeof value === 'number') writer.int(3, value)
  else if ('double' in value) writer.double(4, value.double)
  else writeList(writer, value)
}

function writeList(writer: ProtoWriter, texts: readonly string[]): void {
  const list = writer.open(5)
  for (const text of texts) {
    const value = writer.open(1)
    writer.text(1, text.slice(0, LONGEST_TEXT))
    writer.close(value)
  }
  writer.close(list)
}
