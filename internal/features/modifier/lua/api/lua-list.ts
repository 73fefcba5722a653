import { wholeOf } from '../library/arguments.ts'
import { lazily } from '../library/library.ts'
import { Native, NONE } from '../machine/values.ts'
import { type Kind, longMethod, method } from './api.ts'
import { JSON_NULL, ListView, own, toJson, toValue } from './json.ts'
import { NEEDS_ARGUMENTS } from './lua-table.ts'

const COMPLAINT = 'response expected'
/** Places are filled with null up to the one that is set. */
const LONGEST = 1 << 20

function setItem(list: ListView, place: number, value: ListView['items'][number]): void {
  if (place >= list.items.length) {
    // Only what is longer than before is a list of its own: who holds the old one does not see it grow.
    const items = list.items.slice(0, list.length)
    while (items.length < place) items.push(null)
    list.items = items
    list.api.owned.add(items)
  }
  list.items[place] = value
  list.length = Math.max(list.length, place + 1)
  list.api.hasWritten = true
}

function removeItem(list: ListView, place: number): void {
  if (place < 0 || place >= list.length) return
  list.items.copyWithin(place, place + 1, list.length)
  list.length--
  // Who holds the longer list sees what Go's slices show: the last place is empty.
  list.items[list.length] = null
  list.api.hasWritten = true
}

/** `luaList`: JSON lists, counted from 0. */
export const LUA_LIST: Kind = {
  name: 'luaList',
  statics: {
    new: (api) => new Native(() => [api.wrap('luaList', new ListView(api, own(api, [])))]),
  },
  methods: lazily({
    get: method(ListView, COMPLAINT, (list, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      const place = wholeOf(machine, args, 2)
      if (place < 0 || place >= list.length) return NONE
      return toValue(list.api, list.items[place] ?? null, (copy) => {
        list.items[place] = copy
      })
    }),
    set: longMethod(ListView, COMPLAINT, function* setPlace(list, args, machine) {
      if (args.length !== 3) machine.fail(NEEDS_ARGUMENTS)
      const place = wholeOf(machine, args, 2)
      if (place < 0) return NONE
      if (place > LONGEST) machine.fail('a list that is too long')
      const value = yield* toJson(machine, args[2])
      machine.budget.take(8 * Math.max(1, place - list.length))
      // One that grows is copied.
      if (place >= list.items.length) machine.steps -= place >> 5
      if (value !== undefined) setItem(list, place, value)
      else if (place >= list.length) setItem(list, place, null)
      return NONE
    }),
    len: method(ListView, COMPLAINT, (list) => [list.length]),
    del: method(ListView, COMPLAINT, (list, args, machine) => {
      if (args.length !== 2) machine.fail(NEEDS_ARGUMENTS)
      removeItem(list, wholeOf(machine, args, 2))
      return NONE
    }),
  }),
}

/** `luaNil`: null. */
export const LUA_NIL: Kind = {
  name: 'luaNil',
  statics: { new: (api) => new Native(() => [api.wrap('luaNil', JSON_NULL)]) },
  methods: lazily({}),
}
