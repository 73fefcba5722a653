import { isRawNumber } from '../../../../decode/numbers.ts'
import type { JsonObject, JsonValue } from '../../../../pipe/pipe.ts'
import { outOf } from '../machine/budget.ts'
import type { Machine } from '../machine/machine.ts'
import { numberText } from '../machine/number.ts'
import { Table } from '../machine/table.ts'
import { type Running, SLICE, Userdata, type Value, type Values } from '../machine/values.ts'
import type { Api } from './api.ts'
import { fromScript, toScript } from './text.ts'

/** A JSON object in the hands of a script. */
export class ObjectView {
  readonly api: Api
  readonly data: JsonObject
  /** Keys of what `return_error_details` made of upstream errors. */
  readonly details: ReadonlySet<string> | undefined

  constructor(api: Api, data: JsonObject, details?: ReadonlySet<string>) {
    this.api = api
    this.data = data
    this.details = details
  }
}

/** A JSON list in the hands of a script: a window on `items`, as Go's slices are. */
export class ListView {
  readonly api: Api
  items: JsonValue[]
  length: number

  constructor(api: Api, items: JsonValue[]) {
    this.api = api
    this.items = items
    this.length = items.length
  }
}

/** What `luaNil` holds. */
export const JSON_NULL = Symbol('JSON null')

/** Writes a key, also one that JavaScript has a meaning for. */
export function setOwn(data: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(data, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  else data[key] = value
}

/** A copy that belongs to the execution, unless it does already. */
export function own<T extends JsonObject | JsonValue[]>(api: Api, data: T): T {
  if (api.owned.has(data)) return data
  const copy = (Array.isArray(data) ? [...data] : { ...data }) as T
  api.owned.add(copy)
  return copy
}

/** A value for a script. `keep` puts the copy of an object or list in the place of the original. */
export function toValue(api: Api, value: JsonValue, keep: (copy: JsonValue) => void): Values {
  if (typeof value === 'string') return [toScript(value)]
  if (value === null) return [api.wrap('luaNil', JSON_NULL)]
  if (typeof value !== 'object') return [value]
  if (isRawNumber(value)) return [Number(value.rawJSON)]
  const copy = own(api, value)
  if (copy !== value) keep(copy)
  return Array.isArray(copy)
    ? [api.wrap('luaList', new ListView(api, copy))]
    : [api.wrap('luaTable', new ObjectView(api, copy))]
}

/** What of a script can stand in JSON; `undefined`: it is ignored, as in KrakenD. */
export function* toJson(machine: Machine, value: Value): Running<JsonValue | undefined> {
  if (typeof value === 'string') {
    machine.takeText(value.length)
    return fromScript(value)
  }
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return finite(machine, value)
  if (value instanceof Table) return yield* entriesOf(machine, value, 0)
  return value instanceof Userdata ? viewed(value.value) : undefined
}

function finite(machine: Machine, value: number): number {
  return Number.isFinite(value) ? value : machine.fail(`${numberText(value)} cannot stand in JSON`)
}

function viewed(value: unknown): JsonValue | undefined {
  if (value === JSON_NULL) return null
  if (value instanceof ObjectView) {
    value.api.hasNested = true
    return value.data
  }
  if (!(value instanceof ListView)) return undefined
  value.api.hasNested = true
  // A list that was shortened lets go of what stands behind its end.
  if (value.items.length !== value.length) value.items = value.items.slice(0, value.length)
  return value.items
}

/** As deep as the JSON of an answer may be. */
const DEEPEST = 200

/** A plain table is an object, whatever its keys are. */
function* entriesOf(machine: Machine, table: Table, depth: number): Running<JsonObject> {
  if (depth > DEEPEST) machine.fail('a table that is too deep, or holds itself')
  const data: JsonObject = {}
  for (const [key, value] of table.pairs()) {
    machine.budget.take(COST_OF_ENTRY)
    machine.steps -= STEPS_OF_ENTRY
    if (machine.steps < 0) yield* machine.refuel()
    const json =
      value instanceof Table
        ? yield* nested(machine, value, depth + 1)
        : yield* toJson(machine, value)
    if (json !== undefined) setOwn(data, fromScript(machine.print(key)), json)
  }
  return data
}
const COST_OF_ENTRY = 48
const STEPS_OF_ENTRY = 8

/** Inside of another table, one with whole numbers as keys is a list: in their order, without gaps. */
function* nested(machine: Machine, table: Table, depth: number): Running<JsonValue> {
  const data = yield* entriesOf(machine, table, depth)
  const keys = Object.keys(data)
  if (keys.length === 0 || !keys.every((key) => /^[+-]?\d+$/.test(key))) return data
  return keys.sort((one, other) => Number(one) - Number(other)).map((key) => data[key] ?? null)
}

/** What an answer that scripts put together may come to: one object can stand in many places, or in itself. */
const MOST_NODES = 1 << 20
const MOST_TEXT = 64 << 20

/** Refuses data that nobody could print. */
export function* measure(data: JsonValue): Running<void> {
  let [nodes, text] = [0, 0]
  function* walk(value: JsonValue, depth: number): Running<void> {
    if (typeof value === 'string') text += value.length
    if (depth > DEEPEST || ++nodes > MOST_NODES || text > MOST_TEXT) throw outOf('memory')
    if (nodes % NODES_OF_SLICE === 0) yield SLICE
    if (typeof value !== 'object' || value === null) return
    for (const item of Object.values(value)) yield* walk(item, depth + 1)
  }
  yield* walk(data, 0)
}
/** After so many others have their turn. */
const NODES_OF_SLICE = 4_096
