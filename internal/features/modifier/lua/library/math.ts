import type { Machine } from '../machine/machine.ts'
import { modulo } from '../machine/operators.ts'
import { Native, NONE, type Values } from '../machine/values.ts'
import { badArgument, numberOf, wholeOf } from './arguments.ts'
import type { Library } from './library.ts'

const ofOne = (compute: (value: number) => number): Native =>
  new Native((machine, args) => [compute(numberOf(machine, args, 1))])

const ofTwo = (compute: (one: number, other: number) => number): Native =>
  new Native((machine, args) => [compute(numberOf(machine, args, 1), numberOf(machine, args, 2))])

const best = (isBetter: (one: number, other: number) => boolean): Native =>
  new Native((machine, args) => {
    if (args.length === 0) machine.fail('wrong number of arguments')
    let found = numberOf(machine, args, 1)
    for (let at = 2; at <= args.length; at++) {
      const value = numberOf(machine, args, at)
      if (isBetter(value, found)) found = value
    }
    return [found]
  })

/** A mantissa from 0.5 to 1 and a power of two. */
function frexp(value: number): Values {
  if (value === 0 || !Number.isFinite(value)) return [value, 0]
  const power = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1)
  let [mantissa, exponent] = [value * 2 ** -power, power]
  while (Math.abs(mantissa) < 0.5) [mantissa, exponent] = [mantissa * 2, exponent - 1]
  while (Math.abs(mantissa) >= 1) [mantissa, exponent] = [mantissa / 2, exponent + 1]
  return [mantissa, exponent]
}

function random(machine: Machine, args: Values): Values {
  if (args.length === 0) return [Math.random()]
  const low = args.length === 1 ? 1 : wholeOf(machine, args, 1)
  const high = wholeOf(machine, args, args.length === 1 ? 1 : 2)
  if (low > high) badArgument(machine, args.length === 1 ? 1 : 2, 'interval is empty')
  return [low + Math.floor(Math.random() * (high - low + 1))]
}

/** `math`, with `allow_open_libs`. */
export const MATH: Library = {
  pi: Math.PI,
  huge: Number.MAX_VALUE,
  abs: ofOne(Math.abs),
  acos: ofOne(Math.acos),
  asin: ofOne(Math.asin),
  atan: ofOne(Math.atan),
  atan2: ofTwo(Math.atan2),
  ceil: ofOne(Math.ceil),
  cos: ofOne(Math.cos),
  cosh: ofOne(Math.cosh),
  deg: ofOne((value) => (value * 180) / Math.PI),
  exp: ofOne(Math.exp),
  floor: ofOne(Math.floor),
  fmod: ofTwo((one, other) => one % other),
  frexp: new Native((machine, args) => frexp(numberOf(machine, args, 1))),
  ldexp: ofTwo((mantissa, exponent) => mantissa * 2 ** exponent),
  log: ofOne(Math.log),
  log10: ofOne(Math.log10),
  max: best((one, other) => one > other),
  min: best((one, other) => one < other),
  mod: ofTwo(modulo),
  modf: new Native((machine, args) => {
    const value = numberOf(machine, args, 1)
    return [Math.trunc(value), Number.isFinite(value) ? value - Math.trunc(value) : 0]
  }),
  pow: ofTwo((base, power) => base ** power),
  rad: ofOne((value) => (value * Math.PI) / 180),
  random: new Native(random),
  /** One source of chance for the whole process: a seed of one request must not make it foreseeable for others. */
  randomseed: new Native(() => NONE),
  sin: ofOne(Math.sin),
  sinh: ofOne(Math.sinh),
  sqrt: ofOne(Math.sqrt),
  tan: ofOne(Math.tan),
  tanh: ofOne(Math.tanh),
}
