import { Span, Timestamp } from './time.ts'
import {
  EvaluationError,
  isNumeric,
  type ListValue,
  type MapValue,
  noOverload,
  plainNumber,
  TypeValue,
  type Value,
} from './values.ts'

/** Told of every value that is looked at; throws when it was too many. */
export type Spend = (steps: number) => void

/** Equality as cel-go has it: numbers by their value, whatever their kind; values of other kinds differ. */
export function isEqual(one: Value, other: Value, spend: Spend): boolean {
  spend(1)
  if (one === other) return true
  if (isNumeric(one) && isNumeric(other))
    // biome-ignore lint/suspicious/noDoubleEquals: the only exact comparison of a bigint and a number
    return plainNumber(one) == plainNumber(other)
  if (typeof one !== 'object' || typeof other !== 'object') return false
  if (one === null || other === null) return false
  if (one instanceof Uint8Array)
    return other instanceof Uint8Array && Buffer.compare(one, other) === 0
  if (other instanceof Uint8Array || one.kind !== other.kind) return false
  return isSameObject(one, other, spend)
}

type ObjectValue = Exclude<Extract<Value, object>, Uint8Array>

function isSameObject(one: ObjectValue, other: ObjectValue, spend: Spend): boolean {
  if (one.kind === 'list') return isSameList(one, other as ListValue, spend)
  if (one.kind === 'map') return isSameMap(one, other as MapValue, spend)
  if (one instanceof TypeValue) return one.name === (other as TypeValue).name
  return one instanceof Timestamp || one instanceof Span ? one.ns === (other as Span).ns : false
}

function isSameList(one: ListValue, other: ListValue, spend: Spend): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++)
    if (!isEqual(one.at(at), other.at(at), spend)) return false
  return true
}

function isSameMap(one: MapValue, other: MapValue, spend: Spend): boolean {
  if (one.size !== other.size) return false
  return one.keys().every((key) => {
    const mine = one.get(key)
    const theirs = other.get(key)
    return mine !== undefined && theirs !== undefined && isEqual(mine, theirs, spend)
  })
}

/** -1, 0 or 1; kinds that have no order with each other are an error. */
export function order(one: Value, other: Value, operator: string): number {
  if (isNumeric(one) && isNumeric(other)) return orderNumbers(plainNumber(one), plainNumber(other))
  if (typeof one === 'string' && typeof other === 'string') return orderTexts(one, other)
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other)
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other)
  const isTime = one instanceof Timestamp && other instanceof Timestamp
  if (isTime || (one instanceof Span && other instanceof Span))
    return orderNumbers(one.ns, (other as Span).ns)
  throw noOverload(operator)
}

function orderNumbers(one: bigint | number, other: bigint | number): number {
  if (Number.isNaN(one) || Number.isNaN(other))
    throw new EvaluationError('NaN values cannot be ordered')
  return one < other ? -1 : one > other ? 1 : 0
}

/** By code points: the order of the UTF-8 bytes, as Go has it. */
function orderTexts(one: string, other: string): number {
  if (one === other) return 0
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++)
    if (one.charCodeAt(at) !== other.charCodeAt(at))
      return (one.codePointAt(at) as number) < (other.codePointAt(at) as number) ? -1 : 1
  return one.length < other.length ? -1 : 1
}
