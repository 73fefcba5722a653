import { type Lazy, Table } from '../machine/table.ts'
import type { Value } from '../machine/values.ts'

/** What a library holds, by name; a function of a table makes a value that each execution has for itself. */
export type Library = Readonly<Record<string, Value | ((inside: Table) => Value)>>
/** Makes a table for one execution. */
export type Making = (inside: Table) => Table

/** The contents of a library's table: shared by all executions, copied key by key when one asks. */
export function lazily(library: Library): Lazy {
  const contents = new Map(Object.entries(library))
  return {
    keys: [...contents.keys()],
    make(key, table) {
      const content = contents.get(key)
      return typeof content === 'function' ? content(table) : content
    },
  }
}

/** A table of its own for each execution, filled as it is asked. */
export function tableMaker(library: Library): Making {
  const lazy = lazily(library)
  return () => new Table(lazy)
}
