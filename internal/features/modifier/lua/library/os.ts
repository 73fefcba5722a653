import { randomUUID } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Machine } from '../machine/machine.ts'
import { asNumber } from '../machine/operators.ts'
import { Table } from '../machine/table.ts'
import { Native, type Value, type Values } from '../machine/values.ts'
import { numberOf, textOf, wrongType } from './arguments.ts'
import { dateText, fieldsOf } from './date.ts'
import type { Library } from './library.ts'

const SECOND_MS = 1000

function field(table: Table, name: string, otherwise: number): number {
  const value = asNumber(table.text(name))
  return value === undefined ? otherwise : Math.trunc(value)
}

function time(machine: Machine, args: Values): Values {
  const [table] = args
  if (table === undefined) return [Math.floor(Date.now() / SECOND_MS)]
  if (!(table instanceof Table)) return wrongType(machine, args, 1, 'table')
  const date = new Date(
    field(table, 'year', -1),
    field(table, 'month', -1) - 1,
    field(table, 'day', -1),
    field(table, 'hour', 12),
    field(table, 'min', 0),
    field(table, 'sec', 0),
  )
  return [Math.floor(date.getTime() / SECOND_MS)]
}

/** What takes longer to write keeps others waiting. */
const LONGEST_FORMAT = 1_024

function date(machine: Machine, args: Values): Values {
  machine.steps -= 100
  const template = textOf(machine, args, 1, '%c')
  const isUtc = template.startsWith('!')
  const when = args.length < 2 ? Date.now() : numberOf(machine, args, 2) * SECOND_MS
  const fields = fieldsOf(new Date(when), isUtc)
  const wanted = isUtc ? template.slice(1) : template
  if (wanted.length > LONGEST_FORMAT) machine.fail('a format that is too long')
  if (!wanted.startsWith('*t')) return [dateText(wanted, fields)]
  const table = machine.table()
  const { year, month, day, hour, minute, second, weekday } = fields
  const entries = { year, month, day, hour, min: minute, sec: second, wday: weekday + 1, yday: 0 }
  for (const [name, value] of Object.entries(entries)) table.set(name, value)
  table.set('isdst', false)
  return [table]
}

/** Does something with files: `true`, or nil and what went wrong. */
function attempt(name: string, work: () => void): Values {
  try {
    work()
    return [true]
  } catch (problem) {
    return [undefined, `${name}: ${reasonOf(problem)}`]
  }
}

/** In Go's words: `no such file or directory`. */
function reasonOf(problem: unknown): string {
  const message = problem instanceof Error ? problem.message : String(problem)
  return /^\w+: (.*?),/.exec(message)?.[1] ?? message
}

function remove(machine: Machine, args: Values): Values {
  const name = textOf(machine, args, 1)
  return attempt(`remove ${name}`, () => rmSync(name))
}

function rename(machine: Machine, args: Values): Values {
  const [from, to] = [textOf(machine, args, 1), textOf(machine, args, 2)]
  return attempt(`rename ${from} ${to}`, () => renameSync(from, to))
}

const refused = (name: string): Native =>
  new Native((machine) => machine.fail(`os.${name} is not available in a gateway`))

const environment = (name: string): Value => process.env[name] || undefined

/** `os`, with `allow_open_libs`; without what would stop or block the gateway. */
export const OS: Library = {
  clock: new Native(() => [performance.now() / SECOND_MS]),
  date: new Native(date),
  difftime: new Native((machine, args) => [
    numberOf(machine, args, 1) - numberOf(machine, args, 2),
  ]),
  execute: refused('execute'),
  exit: refused('exit'),
  getenv: new Native((machine, args) => [environment(textOf(machine, args, 1))]),
  remove: new Native(remove),
  rename: new Native(rename),
  setenv: refused('setenv'),
  setlocale: new Native(() => [false]),
  time: new Native(time),
  tmpname: new Native(() => [path.join(tmpdir(), randomUUID())]),
}
