const CLASSES: Readonly<Record<string, RegExp>> = {
  a: /[A-Za-z]/,
  c: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  l: /[a-z]/,
  p: /[!-/:-@[-`{-~]/,
  s: /[ \f\n\r\t\v]/,
  u: /[A-Z]/,
  w: /[A-Za-z0-9]/,
  x: /[A-Fa-f0-9]/,
  z: /\0/,
}

/** Which of the 256 bytes belong: 1 those that do. */
export type Members = Uint8Array

const members = (isOne: (code: number) => boolean): Members =>
  Uint8Array.from({ length: 256 }, (_none, code) => (isOne(code) ? 1 : 0))

/** `%a` and the others, and those of capital letters, which stand for all other bytes. */
const NAMED = new Map(
  Object.entries(CLASSES).flatMap(([letter, pattern]) => {
    const isOne = (code: number): boolean => pattern.test(String.fromCharCode(code))
    const others = members((code) => !isOne(code))
    return [[letter, members(isOne)] as const, [letter.toUpperCase(), others] as const]
  }),
)
const EACH = Array.from({ length: 256 }, (_none, byte) => members((code) => code === byte))
const NO_ONE = members(() => false)

/** `.`: every byte. */
export const ANY = members(() => true)
/** A letter that stands for itself. */
export const letterOf = (letter: string): Members => EACH[letter.charCodeAt(0)] ?? NO_ONE
/** `%a`, or a letter that is meant as it is (`%.`). */
export const classOf = (letter: string): Members => NAMED.get(letter) ?? letterOf(letter)

/** What stands between `[` and `]`. */
export function setOf(inside: string): Members {
  const isNegated = inside.startsWith('^')
  const found = new Uint8Array(256)
  for (let at = isNegated ? 1 : 0; at < inside.length; ) at += addTo(found, inside, at)
  return isNegated ? found.map((member) => 1 - member) : found
}

/** Adds a class, a range or a letter; how long its text is. */
function addTo(found: Uint8Array, inside: string, at: number): number {
  if (inside[at] === '%') {
    for (const [code, member] of classOf(inside[at + 1] ?? '').entries())
      if (member === 1) found[code] = 1
    return 2
  }
  const first = inside.charCodeAt(at)
  if (inside[at + 1] !== '-' || at + 2 >= inside.length) {
    found[first] = 1
    return 1
  }
  for (let code = first; code <= inside.charCodeAt(at + 2); code++) found[code] = 1
  return 3
}
