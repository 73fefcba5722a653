import { PARAM_TYPES, type Param } from './func.ts'
import type { NumberOperand } from './nodes.ts'
import { Dict, Int, isNil, List, typeOf, type Value } from './value.ts'

/** What Go asks for when a literal does not fit a parameter. */
export const LITERALS = {
  any: 'value',
  string: 'string',
  int: 'integer',
  int64: 'integer',
  uint32: 'unsigned integer',
  float64: 'float',
  bool: 'bool',
  dict: 'map[string]interface {}',
  list: '[]interface {}',
  time: 'time.Time',
  certificate: 'sprig.certificate',
} as const satisfies Record<Param, string>

/** A number literal as a parameter takes it; `undefined` where it does not fit. */
export function numberArgument(node: NumberOperand, param: Param): unknown {
  switch (param) {
    case 'int':
      return node.int === undefined ? undefined : Number(node.int)
    case 'int64':
      return node.int
    case 'uint32':
      return node.int === undefined || node.int < 0n ? undefined : Number(node.int)
    case 'float64':
      return node.float
    default:
      return undefined
  }
}

/** A value as a parameter takes it, which never converts numbers, or why it does not fit. */
export function fit(value: Value, param: Param): { native: unknown } | { refusal: string } {
  if (param === 'any') return { native: value }
  if (isNil(value)) {
    if (param === 'dict') return { native: new Dict() }
    if (param === 'list') return { native: new List([]) }
    return { refusal: `invalid value; expected ${PARAM_TYPES[param]}` }
  }
  if (typeOf(value) !== PARAM_TYPES[param]) {
    const refusal = `wrong type for value; expected ${PARAM_TYPES[param]}; got ${typeOf(value)}`
    return { refusal }
  }
  if (value instanceof Int) {
    return { native: param === 'int64' ? value.value : Number(value.value) }
  }
  return { native: value }
}
