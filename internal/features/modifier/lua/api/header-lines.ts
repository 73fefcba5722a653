import { canonicalHeader } from '../../../../pipe/headers.ts'
import type { HeaderList, JsonObject } from '../../../../pipe/pipe.ts'
import { textOf } from '../library/arguments.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { numberText } from '../machine/number.ts'
import { NONE, Userdata, type Value, type Values } from '../machine/values.ts'
import type { Api } from './api.ts'
import { ListView, ObjectView, own, setOwn } from './json.ts'
import { NEEDS_ARGUMENTS } from './lua-table.ts'
import { fromScript, toScript } from './text.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** What no header may hold: it would end the line, or the connection. */
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/

/** More than any server or client takes. */
const MOST_LINES = 2_000

export type HeaderRules = {
  /** Headers that scripts do not see. */
  readonly hidden?: ReadonlySet<string>
  /** Reads only the exact canonical name, as KrakenD does with answers. */
  readonly isExact?: boolean
  /** Line breaks become blanks, as Go's server writes them; otherwise they are refused. */
  readonly joinsLines?: boolean
}

/** Header lines that a script reads and changes. */
export class HeaderLines {
  list: HeaderList
  hasChanged = false
  readonly #rules: HeaderRules

  constructor(list: HeaderList, rules: HeaderRules) {
    this.list = list
    this.#rules = rules
  }

  /** `headers()`, `headers(name)`, `headers(name, value)`, `headers(name, nil)`. */
  one(api: Api, args: Values, machine: Machine): Values {
    machine.steps -= this.list.length
    if (args.length === 1) return [api.wrap('luaTable', this.#all(api, machine))]
    const name = textOf(machine, args, 2)
    if (args.length === 2) return [this.#first(name) ?? '']
    if (args.length > 3) return NONE
    this.#replace(name, args[2] === undefined ? [] : [textOf(machine, args, 3)], machine)
    return NONE
  }

  /** `headerList(name)`, `headerList(name, list)`. */
  several(api: Api, args: Values, machine: Machine): Values {
    machine.steps -= this.list.length
    if (args.length === 1) machine.fail(NEEDS_ARGUMENTS)
    const name = textOf(machine, args, 2)
    if (args.length === 2)
      return [api.wrap('luaList', new ListView(api, own(api, this.#values(canonicalHeader(name)))))]
    if (args.length === 3) this.#replace(name, listed(machine, args[2]), machine)
    return NONE
  }

  #all(api: Api, machine: Machine): ObjectView {
    machine.steps -= (this.list.length ** 2) >> 4
    const table: JsonObject = {}
    for (let at = 0; at < this.list.length; at += 2) {
      const name = canonicalHeader(this.list[at] as string)
      if (this.#rules.hidden?.has(name) !== true) setOwn(table, name, this.#values(name))
    }
    return new ObjectView(api, own(api, table))
  }

  #first(name: string): string | undefined {
    const canonical = canonicalHeader(name)
    if (this.#rules.hidden?.has(canonical) || (this.#rules.isExact && canonical !== name)) return ''
    const { list } = this
    for (let at = 0; at < list.length; at += 2)
      if (canonicalHeader(list[at] as string) === canonical) return list[at + 1]
    return undefined
  }

  #values(canonical: string): string[] {
    const { list } = this
    const values: string[] = []
    for (let at = 0; at < list.length; at += 2)
      if (canonicalHeader(list[at] as string) === canonical)
        values.push(fromScript(list[at + 1] as string))
    return values
  }

  #replace(name: string, values: readonly string[], machine: Machine): void {
    const canonical = canonicalHeader(name)
    const { list } = this
    const next: string[] = []
    for (let at = 0; at < list.length; at += 2)
      if (canonicalHeader(list[at] as string) !== canonical)
        next.push(list[at] as string, list[at + 1] as string)
    if (values.length > 0 && !TOKEN.test(name))
      machine.fail(`invalid header field name ${JSON.stringify(name)}`)
    for (const value of values) {
      machine.takeText(name.length + value.length)
      next.push(canonical, this.#clean(name, value, machine))
    }
    if (next.length > 2 * MOST_LINES) throw outOf('memory')
    this.list = next
    this.hasChanged = true
  }

  #clean(name: string, value: string, machine: Machine): string {
    const text = this.#rules.joinsLines ? value.replace(/[\r\n]/g, ' ').trim() : value
    if (FORBIDDEN.test(text)) machine.fail(`invalid header field value for ${JSON.stringify(name)}`)
    return text
  }
}

const INVALID = 'invalid header value, must be a luaList'

/** The texts of a `luaList`. */
function listed(machine: Machine, value: Value): string[] {
  const list = value instanceof Userdata ? value.value : undefined
  if (!(list instanceof ListView)) return machine.fail(INVALID)
  return list.items.slice(0, list.length).map((item) => {
    if (typeof item === 'string') return toScript(item)
    if (typeof item === 'boolean') return String(item)
    return typeof item === 'number' ? numberText(item) : machine.fail(INVALID)
  })
}
