import { textOf, wholeOf } from '../library/arguments.ts'
import type { Machine } from '../machine/machine.ts'
import { LuaError, Native, type Values } from '../machine/values.ts'
import { NEEDS_ARGUMENTS } from './lua-table.ts'

/** What `custom_error` wants the client to get. */
export type Custom = {
  readonly message: string
  /** `undefined`: the script gave none. */
  readonly status: number | undefined
  readonly contentType: string | undefined
}

/** What stands between message, status and type in the text that a script sees. */
const BETWEEN = ' || '
/** The status of those that have none. */
const NONE = -1
const INTERNAL_ERROR = 500
const BAD_TYPE = /[\x00-\x08\x0a-\x1f\x7f]/

/** An error that says what the client gets. */
export class CustomError extends LuaError {
  readonly custom: Custom

  constructor(custom: Custom, machine: Machine) {
    const { message, status = NONE, contentType } = custom
    const type = contentType === undefined ? '' : `${BETWEEN}${contentType}`
    super(`${machine.where(1)} ${message}${BETWEEN}${status}${type}`, machine.at)
    this.custom = custom
  }
}

/** A reply that HTTP allows. */
const isStatus = (status: number): boolean => status >= 200 && status <= 999

/** `custom_error(message[, status[, content_type]])`. */
export const customError = new Native((machine: Machine, args: Values) => {
  if (args.length === 0) machine.fail(NEEDS_ARGUMENTS)
  const message = textOf(machine, args, 1)
  const status = args.length < 2 ? undefined : wholeOf(machine, args, 2)
  const contentType = args.length < 3 ? undefined : textOf(machine, args, 3)
  if (contentType !== undefined && BAD_TYPE.test(contentType))
    machine.fail('invalid header field value for "Content-Type"')
  const sent = status === undefined || isStatus(status) ? status : INTERNAL_ERROR
  throw new CustomError({ message, status: sent, contentType }, machine)
})

/**
 * What a script caught from `custom_error` and threw again: the error is a text by then, and KrakenD reads it back from
 * that. `undefined` for any other text.
 */
export function customIn(text: string): Custom | undefined {
  const [message = '', status, contentType = ''] = text.split(BETWEEN)
  if (status === undefined) return undefined
  const code = /^[+-]?\d+$/.test(status) ? Number(status) : INTERNAL_ERROR
  return {
    message,
    status: code === NONE ? undefined : isStatus(code) ? code : INTERNAL_ERROR,
    contentType: contentType === '' || BAD_TYPE.test(contentType) ? undefined : contentType,
  }
}
