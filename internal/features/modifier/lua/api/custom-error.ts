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

/** An error that says what the client gets. */
export class CustomError extends LuaError {
  readonly custom: Custom

  constructor(custom: Custom, machine: Machine) {
    const { message, status = -1, contentType } = custom
    const type = contentType === undefined ? '' : ` || ${contentType}`
    super(`${machine.where(1)} ${message} || ${status}${type}`, machine.at)
    this.custom = custom
  }
}

/** A reply that HTTP allows. */
const isStatus = (status: number): boolean => status >= 200 && status <= 599

/** `custom_error(message[, status[, content_type]])`. */
export const customError = new Native((machine: Machine, args: Values) => {
  if (args.length === 0) machine.fail(NEEDS_ARGUMENTS)
  const message = textOf(machine, args, 1)
  const status = args.length < 2 ? undefined : wholeOf(machine, args, 2)
  const contentType = args.length < 3 ? undefined : textOf(machine, args, 3)
  if (contentType !== undefined && /[\x00-\x08\x0a-\x1f\x7f]/.test(contentType))
    machine.fail('invalid header field value for "Content-Type"')
  const sent = status === undefined || isStatus(status) ? status : INTERNAL_ERROR
  throw new CustomError({ message, status: sent, contentType }, machine)
})
const INTERNAL_ERROR = 500
