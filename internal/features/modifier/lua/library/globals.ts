import { BASE } from './base.ts'
import { CHANNEL } from './channel.ts'
import { COROUTINE } from './coroutine.ts'
import { DEBUG } from './debug.ts'
import { IO } from './io.ts'
import { lazily, type Making, tableMaker } from './library.ts'
import { LOAD } from './load.ts'
import { MATH } from './math.ts'
import { MODULE } from './module.ts'
import type { Libraries } from './modules.ts'
import { OS } from './os.ts'
import { STRING } from './string.ts'
import { TABLE } from './table.ts'

const FUNCTIONS = lazily({ ...BASE, ...LOAD, ...MODULE })
const strings = tableMaker(STRING)

/** `string` is what its own methods are looked up in. */
const stringTable: Making = (globals) => {
  const table = strings(globals)
  table.set('__index', table)
  return table
}

/** The globals that scripts begin with. */
export const CLOSED_LIBRARIES: Libraries = {
  functions: FUNCTIONS,
  tables: new Map([['table', tableMaker(TABLE)]]),
}
/** With `allow_open_libs`. */
export const OPEN_LIBRARIES: Libraries = {
  functions: FUNCTIONS,
  tables: new Map([
    ...CLOSED_LIBRARIES.tables,
    ['channel', CHANNEL],
    ['coroutine', tableMaker(COROUTINE)],
    ['debug', tableMaker(DEBUG)],
    ['io', IO],
    ['math', tableMaker(MATH)],
    ['os', tableMaker(OS)],
    ['string', stringTable],
  ]),
}
