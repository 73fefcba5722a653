import type { BinaryOperator, Expression } from '../language/ast.ts'

/** Whether an operand is a number as it stands. */
export const isNumeral = (text: string): boolean => /^\d/.test(text) || text === 'Infinity'

/** The test whether an operand is neither nil nor false. */
export const isTrue = (text: string): string =>
  text === 'true' || text === 'false' ? text : `${text}!==undefined&&${text}!==false`

/** Arguments with the object of a method before them. */
export const joined = (object: string, args: string): string =>
  args.startsWith('[') ? `[${object},${args.slice(1)}` : `[${object},...${args}]`

/** The name that a message gives to what is called. */
export function nameOf(callee: Expression): string {
  if (callee.kind === 'name') return callee.name
  return callee.kind === 'index' && callee.key.kind === 'string' ? callee.key.value : '?'
}

/** Whether two operands are equal; only two objects can have a say in it. */
export function equality(one: string, other: string, at: string): string {
  const isPlain = (text: string): boolean => !/^v\d/.test(text)
  const same = `${one}===${other}`
  if (isPlain(one) || isPlain(other)) return same
  return `typeof ${one}==='string'?S.same(${one},${other}):${same}||typeof ${one}==='object'&&typeof ${other}==='object'&&(${at},yield*equals(S,${one},${other}))`
}

/** An operation on two numbers. */
export function fast(operator: BinaryOperator, one: string, other: string): string {
  if (operator === '%') return `modulo(${one},${other})`
  return `${one}${operator === '^' ? '**' : operator}${other}`
}

/** The same on anything else. */
export function slow(operator: BinaryOperator, one: string, other: string): string {
  switch (operator) {
    case '<':
      return `less(S,${one},${other})`
    case '>':
      return `less(S,${other},${one})`
    case '<=':
      return `lessOrEqual(S,${one},${other})`
    case '>=':
      return `lessOrEqual(S,${other},${one})`
    default:
      return `arithmetic(S,'${operator}',${one},${other})`
  }
}
