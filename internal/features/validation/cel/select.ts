import { EvaluationError, isMap, ListValue, noOverload, Uint, type Value } from './values.ts'

/** A field of a value; with `isAsked` a missing one is `undefined` instead of an error. */
export function selected(operand: Value, field: string): Value
export function selected(operand: Value, field: string, isAsked: true): Value | undefined
export function selected(operand: Value, field: string, isAsked = false): Value | undefined {
  if (operand instanceof ListValue)
    throw new EvaluationError("unsupported index type 'string' in list")
  const found = isMap(operand) ? operand.get(field) : undefined
  if (found === undefined && !isAsked) throw new EvaluationError(`no such key: ${field}`)
  return found
}

/** An item of a list, or the value of a map's key. */
export function indexed(operand: Value, key: Value): Value {
  if (operand instanceof ListValue) return item(operand, key)
  if (!isMap(operand)) throw noOverload('_[_]')
  const found = operand.get(key)
  if (found === undefined) throw new EvaluationError(`no such key: ${shown(key)}`)
  return found
}

function item(list: ListValue, key: Value): Value {
  const number = key instanceof Uint ? key.value : key
  if (typeof number !== 'bigint' && !(typeof number === 'number' && Number.isInteger(number)))
    throw new EvaluationError('unsupported index type in list')
  if (number < 0 || number >= list.length)
    throw new EvaluationError(`index out of bounds: ${number}`)
  return list.at(Number(number))
}

const shown = (key: Value): string =>
  typeof key === 'object' && key !== null ? '(a value)' : String(key)
