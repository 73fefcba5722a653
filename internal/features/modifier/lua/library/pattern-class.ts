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
/** Which of the 256 bytes each class holds. */
const MEMBERS = new Map(
  Object.entries(CLASSES).map(([letter, pattern]) => [
    letter,
    Array.from({ length: 256 }, (_none, code) => pattern.test(String.fromCharCode(code))),
  ]),
)

/** Whether a byte is of the class `%letter`; a capital letter stands for all others. */
export function isOf(code: number, letter: string): boolean {
  const lower = letter.toLowerCase()
  const members = MEMBERS.get(lower)
  if (members === undefined) return letter.charCodeAt(0) === code
  return (members[code] === true) === (letter === lower)
}
