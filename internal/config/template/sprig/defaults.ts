import { type FuncMap, func, variadic } from '../func.ts'
import { JsonError, marshalJson, parseJson } from '../go-json.ts'
import { deepEqual, isNil, isTrue, kindOf, typeOf, type Value } from '../value.ts'

/** sprig's `empty`: the zero value of its type; structs never are. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value)
}

const toJson = func(['any'], (value) => quietly(() => marshalJson(value)))
const toPrettyJson = func(['any'], (value) => quietly(() => marshalJson(value, { indent: '  ' })))
const toRawJson = func(['any'], (value) => marshalJson(value, { escapeHtml: false }))

/** sprig's defaults, JSON and type functions. */
export const defaults: FuncMap = {
  default: variadic(['any'], 'any', (otherwise, [given]) => (isEmpty(given) ? otherwise : given)),
  empty: func(['any'], isEmpty),
  coalesce: variadic([], 'any', (values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], 'any', (values) => !values.some(isEmpty)),
  any: variadic([], 'any', (values) => values.some((value) => !isEmpty(value))),
  ternary: func(['any', 'any', 'bool'], (yes, no, condition) => (condition ? yes : no)),
  fail: func(['string'], (message) => {
    throw new Error(message)
  }),
  fromJson: func(['string'], (text) => {
    try {
      return parseJson(text)
    } catch (error) {
      // sprig drops the error and goes on with nil; only mustFromJson tells.
      if (error instanceof JsonError) return null
      throw error
    }
  }),
  mustFromJson: func(['string'], parseJson),
  toJson,
  toPrettyJson,
  toRawJson,
  mustToJson: func(['any'], (value) => marshalJson(value)),
  mustToPrettyJson: func(['any'], (value) => marshalJson(value, { indent: '  ' })),
  mustToRawJson: toRawJson,
  /** KrakenD's own. */
  marshal: toJson,
  typeOf: func(['any'], typeOf),
  typeIs: func(['string', 'any'], (type, value) => type === typeOf(value)),
  typeIsLike: func(
    ['string', 'any'],
    (type, value) => type === typeOf(value) || `*${type}` === typeOf(value),
  ),
  kindOf: func(['any'], kindOf),
  kindIs: func(['string', 'any'], (kind, value) => kind === kindOf(value)),
  deepEqual: func(
    ['any', 'any'],
    (left, right) => isNil(left) === isNil(right) && deepEqual(left, right),
  ),
}

/** What cannot be written as JSON (infinity) becomes the empty string, as in sprig. */
function quietly(write: () => string): string {
  try {
    return write()
  } catch {
    // The `must` variants are there for whoever wants to know.
    return ''
  }
}
