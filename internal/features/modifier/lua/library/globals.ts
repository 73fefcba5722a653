import type { Table } from '../machine/table.ts'
import { BASE } from './base.ts'
import { COROUTINE } from './coroutine.ts'
import { DEBUG } from './debug.ts'
import { IO } from './io.ts'
import { type Library, lazily, tableMaker } from './library.ts'
import { LOAD } from './load.ts'
import { MATH } from './math.ts'
import { OS } from './os.ts'
import { STRING } from './string.ts'
import { TABLE } from './table.ts'

const ALWAYS: Library = { ...BASE, ...LOAD, table: tableMaker(TABLE) }
const OPEN: Library = {
  ...ALWAYS,
  coroutine: tableMaker(COROUTINE),
  debug: tableMaker(DEBUG),
  io: tableMaker(IO),
  math: tableMaker(MATH),
  os: tableMaker(OS),
  string: stringTable,
}

const strings = tableMaker(STRING)

/** `string` is what its own methods are looked up in. */
function stringTable(globals: Table): Table {
  const table = strings(globals) as Table
  table.set('__index', table)
  return table
}

/** The globals that scripts begin with. */
export const CLOSED_LIBRARIES = lazily(ALWAYS)
/** With `allow_open_libs`. */
export const OPEN_LIBRARIES = lazily(OPEN)
