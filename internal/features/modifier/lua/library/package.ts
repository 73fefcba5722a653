import { existsSync } from 'node:fs'
import type { Machine } from '../machine/machine.ts'
import { PENDING } from '../machine/machine.ts'
import { Table } from '../machine/table.ts'
import { Native, NONE, type Value, type Values } from '../machine/values.ts'
import { tableOf, textOf } from './arguments.ts'
import { type Library, tableMaker } from './library.ts'
import { loadFile } from './load.ts'

/** A field of the global `package`, which scripts can replace. */
function packageField(machine: Machine, name: string): Value {
  const found = machine.get(machine.globals.text('package'), name)
  return found === PENDING ? undefined : found
}

/** The function that `package.preload` has for a module, or why there is none. */
function preloaded(machine: Machine, args: Values): Values {
  const name = textOf(machine, args, 1)
  const preload = packageField(machine, 'preload')
  if (!(preload instanceof Table)) return machine.fail('package.preload must be a table')
  return [preload.text(name) ?? `no field package.preload['${name}']`]
}

/** A module's file, found along `package.path`. */
function loadedFile(machine: Machine, args: Values): Values {
  const name = textOf(machine, args, 1)
  const path = packageField(machine, 'path')
  if (typeof path !== 'string') return machine.fail('package.path must be a string')
  const places = path.split(';').map((each) => each.replaceAll('?', name.replaceAll('.', '/')))
  const place = places.find((each) => existsSync(each))
  if (place === undefined)
    return [places.map((each) => `stat ${each}: no such file or directory`).join('\n\t')]
  const [code, problem] = loadFile(machine, place)
  return [code ?? machine.fail(String(problem))]
}

/** What `require` asks for a module, in this order. */
export const LOADERS: Values = [new Native(preloaded), new Native(loadedFile)]

/** `package`, beside `loaded` and `loaders`. */
export const PACKAGE: Library = {
  config: '/\n;\n?\n!\n-\n',
  cpath: '',
  loadlib: new Native((machine) => machine.fail('loadlib is not supported')),
  path: './?.lua;/usr/local/share/lua/5.1/?.lua;/usr/local/share/lua/5.1/?/init.lua',
  preload: tableMaker({}),
  seeall: new Native((machine, args) => {
    const table = tableOf(machine, args, 1)
    table.meta ??= machine.table()
    machine.rawSet(table.meta, '__index', machine.globals)
    return NONE
  }),
}
