import { isObject } from '../../../../pipe/is-object.ts'
import type { JsonObject } from '../../../../pipe/pipe.ts'
import { textOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import { sorted } from '../library/table.ts'
import { Native, NONE } from '../machine/values.ts'
import { type Api, type Kind, longMethod, method } from './api.ts'
import { ListView, ObjectView, own, setOwn, toJson, toValue } from './json.ts'
import { fromScript, toScript } from './text.ts'

const COMPLAINT = 'response expected'
export const NEEDS_ARGUMENTS = 'need arguments'

/** An upstream's error as scripts see it: all of its parts, and the name it was given. */
const detailsOf = (api: Api, key: string, details: JsonObject): JsonObject =>
  own(api, { http_body: '', http_body_encoding: '', ...details, name: key.slice('error_'.length) })

/** `luaTable`: JSON objects. */
export const LUA_TABLE: Kind = {
  name: 'luaTable',
  statics: {
    new: (api) => new Native(() => [api.wrap('luaTable', new ObjectView(api, own(api, {})))]),
  },
  methods: lazily({
    get: method(ObjectView, COMPLAINT, ({ api, data, details }, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      const key = fromScript(textOf(machine, args, 2))
      if (details?.has(key) === true && isObject(data[key]))
        return [api.wrap('luaTable', new ObjectView(api, detailsOf(api, key, data[key])))]
      const value = Object.hasOwn(data, key) ? data[key] : undefined
      return value === undefined ? NONE : toValue(api, value, (copy) => setOwn(data, key, copy))
    }),
    set: longMethod(ObjectView, COMPLAINT, function* setKey({ api, data }, args, machine) {
      if (args.length !== 3) machine.fail(NEEDS_ARGUMENTS)
      const key = fromScript(textOf(machine, args, 2))
      const value = yield* toJson(machine, args[2])
      if (value === undefined) return NONE
      machine.budget.take(COST_OF_ENTRY + key.length)
      setOwn(data, key, value)
      api.hasWritten = true
      return NONE
    }),
    len: method(ObjectView, COMPLAINT, ({ data }, _args, machine) => {
      const { length } = Object.keys(data)
      machine.steps -= length
      return [length]
    }),
    del: method(ObjectView, COMPLAINT, ({ api, data }, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      delete data[fromScript(textOf(machine, args, 2))]
      api.hasWritten = true
      return NONE
    }),
    keys: longMethod(ObjectView, COMPLAINT, function* keysOf({ api, data }, _args, machine) {
      const keys = yield* sorted(machine, Object.keys(data).map(toScript), undefined)
      const texts = keys.map((key) => fromScript(String(key)))
      return [api.wrap('luaList', new ListView(api, own(api, texts)))]
    }),
    keyExists: method(ObjectView, COMPLAINT, ({ data }, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      return [Object.hasOwn(data, fromScript(textOf(machine, args, 2)))]
    }),
  }),
}
const COST_OF_ENTRY = 48
