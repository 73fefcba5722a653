import { fromScript, toScript } from '../api/text.ts'
import type { Machine } from '../machine/machine.ts'
import { Caller, Native, type Running, type Values } from '../machine/values.ts'
import { textOf, wholeOf } from './arguments.ts'
import { format } from './format.ts'
import type { Library } from './library.ts'
import { inPieces } from './pieces.ts'
import { find, gmatch, gsub, match, startOf } from './string-search.ts'

function bytes(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const first = wholeOf(machine, args, 2, 1)
  const last = wholeOf(machine, args, 3, first)
  const end = last < 0 ? text.length + last + 1 : Math.min(last, text.length)
  const start = startOf(text.length, first)
  const count = Math.max(0, end - start)
  machine.takeValues(count)
  return Array.from({ length: count }, (_none, at) => text.charCodeAt(start + at))
}

function sub(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const last = wholeOf(machine, args, 3, -1)
  const end = last < 0 ? text.length + last + 1 : last
  return [text.slice(startOf(text.length, wholeOf(machine, args, 2)), Math.max(0, end))]
}

function repeat(machine: Machine, args: Values): Values {
  const text = textOf(machine, args, 1)
  const times = Math.max(0, wholeOf(machine, args, 2))
  machine.takeText(text.length * times)
  return [text.repeat(times)]
}

function changed(change: (text: string) => string): Caller {
  return new Caller(function* changedText(machine, args) {
    const text = textOf(machine, args, 1)
    machine.takeText(text.length)
    return [(yield* inPieces(machine, text, change)).join('')]
  })
}

function* reverse(machine: Machine, args: Values): Running<Values> {
  const text = textOf(machine, args, 1)
  machine.takeText(text.length)
  const turned = (piece: string): string =>
    Buffer.from(piece, 'latin1').reverse().toString('latin1')
  return [(yield* inPieces(machine, text, turned)).reverse().join('')]
}

const gmatching = new Native(gmatch)

/** `string`, and the methods of all strings, with `allow_open_libs`. */
export const STRING: Library = {
  byte: new Native(bytes),
  char: new Native((machine, args) => {
    machine.steps -= args.length >> 2
    const bytes = args.map((_value, at) => wholeOf(machine, args, at + 1) & 0xff)
    return [Buffer.from(bytes).toString('latin1')]
  }),
  dump: new Native((machine) => machine.fail('GopherLua does not support the string.dump')),
  find: new Caller(find),
  format: new Caller(format),
  gfind: gmatching,
  gmatch: gmatching,
  gsub: new Caller(gsub),
  len: new Native((machine, args) => [textOf(machine, args, 1).length]),
  lower: changed((text) => inLetters(text, (letter) => letter.toLowerCase())),
  match: new Caller(match),
  rep: new Native(repeat),
  reverse: new Caller(reverse),
  sub: new Native(sub),
  upper: changed((text) => inLetters(text, (letter) => letter.toUpperCase())),
}

/** Go changes each letter by itself, those beyond ASCII too; what has no single letter (ß) stays. */
function inLetters(bytes: string, change: (letter: string) => string): string {
  const text = fromScript(bytes)
  // Bytes that are no text have only ASCII's letters.
  if (text.includes(NOT_TEXT)) return bytes.replace(/[A-Za-z]+/g, change)
  const whole = change(text)
  if (whole.length === text.length) return toScript(whole)
  return toScript(
    text.replace(/\p{L}/gu, (letter) => {
      const changed = change(letter)
      return [...changed].length === 1 ? changed : letter
    }),
  )
}
const NOT_TEXT = '\ufffd'
