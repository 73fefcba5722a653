import { goBoolean } from '../pipe/go-boolean.ts'
/** Flags, commands or arguments that make no sense. The text is cobra's. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** One flag of a command. */
export type Flag = {
  readonly name: string
  /** One letter, for `-c`. */
  readonly short?: string
  /** `count` grows by one each time it is given: `-ddd` is 3. */
  readonly kind: 'string' | 'bool' | 'count' | 'int'
  readonly description: string
  /** Shown by help, as written there; the command applies it. */
  readonly shownDefault?: string
}

/** What the command line said. Absent flags read as '', `false` and 0. */
export type FlagValues = {
  has(name: string): boolean
  text(name: string): string
  isOn(name: string): boolean
  number(name: string): number
  readonly given: readonly string[]
}

export type ParsedLine = {
  readonly values: FlagValues
  readonly positionals: readonly string[]
  readonly wantsHelp: boolean
}

type Value = string | boolean | number

const HELP: Flag = { name: 'help', short: 'h', kind: 'bool', description: '' }

/** What a flag without `=value` stands for, or `undefined` when it takes the next word. */
const impliedValue = ({ kind }: Flag): string | undefined =>
  kind === 'bool' ? 'true' : kind === 'count' ? '+1' : undefined

/**
 * Reads the words after a command as pflag does, with its messages: flags and arguments may be mixed, `--` ends the
 * flags, shorts combine (`-dtlc file`), and values come as `-c file`, `-cfile`, `-c=file`, `--config file` or
 * `--config=file`.
 */
export function parseFlags(words: readonly string[], known: readonly Flag[]): ParsedLine {
  const flags = [...known, HELP]
  const values = new Map<string, Value>()
  const positionals: string[] = []
  const rest = [...words]
  const take = (flag: Flag, written: string, attached: string | undefined): void => {
    const text = attached ?? impliedValue(flag) ?? rest.shift()
    if (text === undefined) throw new UsageError(`flag needs an argument: ${written}`)
    values.set(flag.name, flagValue(flag, text, values.get(flag.name)))
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      positionals.push(...rest.splice(0))
    } else if (word.startsWith('--')) {
      longFlag(word, flags, take)
    } else if (word.startsWith('-') && word !== '-') {
      shortFlags(word, flags, take)
    } else {
      positionals.push(word)
    }
  }
  return { values: flagValues(values), positionals, wantsHelp: values.get('help') === true }
}

type Take = (flag: Flag, written: string, attached: string | undefined) => void

function longFlag(word: string, flags: readonly Flag[], take: Take): void {
  const [name = '', ...parts] = word.slice(2).split('=')
  if (name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`)
  const flag = flags.find((candidate) => candidate.name === name)
  if (flag === undefined) throw new UsageError(`unknown flag: --${name}`)
  take(flag, word, parts.length === 0 ? undefined : parts.join('='))
}

function shortFlags(word: string, flags: readonly Flag[], take: Take): void {
  for (let letters = word.slice(1); letters !== ''; ) {
    const letter = letters.charAt(0)
    const written = `'${letter}' in -${letters}`
    const flag = flags.find((candidate) => candidate.short === letter)
    if (flag === undefined) throw new UsageError(`unknown shorthand flag: ${written}`)
    const attached = attachedValue(flag, letters.slice(1))
    take(flag, written, attached)
    letters = attached === undefined && impliedValue(flag) !== undefined ? letters.slice(1) : ''
  }
}

/** The value glued to a short flag: after `=` for all, directly for those that need one. */
function attachedValue(flag: Flag, rest: string): string | undefined {
  if (rest.length > 1 && rest.startsWith('=')) return rest.slice(1)
  return rest === '' || impliedValue(flag) !== undefined ? undefined : rest
}

function flagValue(flag: Flag, text: string, before: Value | undefined): Value {
  if (flag.kind === 'string') return text
  if (flag.kind === 'bool') {
    const parsed = goBoolean(text)
    if (parsed !== undefined) return parsed
    throw invalidArgument(flag, text, 'ParseBool')
  }
  if (flag.kind === 'count' && text === '+1') return (typeof before === 'number' ? before : 0) + 1
  // A count switched off as if it were a switch: `--debug=false`.
  const isOn = flag.kind === 'count' ? goBoolean(text) : undefined
  if (isOn !== undefined) return isOn ? 1 : 0
  const number = /^[+-]?(\d+|0[xX][0-9a-fA-F]+)$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(number)) throw invalidArgument(flag, text, 'ParseInt')
  return number
}

function invalidArgument(flag: Flag, text: string, parser: string): UsageError {
  const name = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`
  const reason = `strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`
  return new UsageError(`invalid argument ${JSON.stringify(text)} for "${name}" flag: ${reason}`)
}

function flagValues(values: ReadonlyMap<string, Value>): FlagValues {
  return {
    given: [...values.keys()],
    has: (name) => values.has(name),
    text: (name) => String(values.get(name) ?? ''),
    isOn: (name) => values.get(name) === true,
    number: (name) => {
      const value = values.get(name)
      return typeof value === 'number' ? value : 0
    },
  }
}
