import { type Lazy, Table } from '../machine/table.ts'
import type { Value } from '../machine/values.ts'
import { lazily, type Making } from './library.ts'
import { LOADERS, PACKAGE } from './package.ts'

/** What scripts begin with: functions, and libraries that are tables by their names. */
export type Libraries = {
  readonly functions: Lazy
  readonly tables: ReadonlyMap<string, Making>
}

/** The globals of one execution, and its modules: each is made once, whatever scripts do with its name. */
export class Modules implements Lazy {
  readonly globals: Table
  readonly #libraries: Libraries
  readonly #own: Lazy | undefined
  #made: Map<string, Table> | undefined

  /** `own` makes the names that a gateway adds. */
  constructor(libraries: Libraries, own?: Lazy) {
    this.#libraries = libraries
    this.#own = own
    this.globals = new Table(this)
  }

  get keys(): readonly string[] {
    const { functions, tables } = this.#libraries
    return ['package', ...functions.keys, ...tables.keys(), ...(this.#own?.keys ?? [])]
  }

  make(name: string): Value {
    if (name === 'package') return this.#once('package', () => this.#package())
    const { functions } = this.#libraries
    return (
      this.#library(name) ??
      this.#own?.make(name, this.globals) ??
      functions.make(name, this.globals)
    )
  }

  #library(name: string): Table | undefined {
    const make = this.#libraries.tables.get(name)
    return make === undefined ? undefined : this.#once(name, make)
  }

  #once(name: string, make: Making): Table {
    this.#made ??= new Map()
    const table = this.#made.get(name) ?? make(this.globals)
    this.#made.set(name, table)
    return table
  }

  /** `package.loaded`, also when `package` is something else by now. */
  get loaded(): Table {
    const names = ['_G', ...this.#libraries.tables.keys()]
    const make = (name: string): Value => (name === '_G' ? this.globals : this.#library(name))
    return this.#once('package.loaded', () => new Table({ keys: names, make }))
  }

  /** `package.loaders`, likewise. */
  get loaders(): Table {
    return this.#once('package.loaders', () => {
      const table = new Table()
      table.list = [...LOADERS]
      return table
    })
  }

  #package(): Table {
    const lazy = lazily({ ...PACKAGE, loaded: () => this.loaded, loaders: () => this.loaders })
    return new Table(lazy)
  }
}
