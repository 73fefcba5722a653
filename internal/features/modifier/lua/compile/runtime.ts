import { PENDING, TAIL } from '../machine/machine.ts'
import {
  arithmetic,
  concat,
  equals,
  lengthOf,
  less,
  lessOrEqual,
  modulo,
  negate,
} from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { Closure, Native, NONE } from '../machine/values.ts'

/** What compiled scripts call, by the name they know it by. */
export const RUNTIME = {
  Closure,
  Native,
  Table,
  NONE,
  TAIL,
  PENDING,
  arithmetic,
  concat,
  equals,
  lengthOf,
  less,
  lessOrEqual,
  modulo,
  negate,
} as const
