import type { Flag, FlagValues } from './flags.ts'

/** Where a command writes: help to `out`, everything else to `err`, as KrakenD does. */
export type Terminal = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether `err` is a terminal that shows colours. */
  readonly colours: boolean
}

/** What a command is given besides the words on its line. */
export type Invocation = {
  readonly flags: FlagValues
  readonly positionals: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly terminal: Terminal
  /** Every command, for `help`. */
  readonly commands: readonly Command[]
}

/** One word after `gateway`: what it takes, how help describes it, what it does. */
export type Command = {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for the list of commands. */
  readonly short: string
  readonly long: string
  readonly example: string
  readonly flags: readonly Flag[]
  /** Of these flags at most one may be given. */
  readonly exclusive?: readonly string[]
  /** Does the work; its value is the process's exit status. */
  readonly run: (invocation: Invocation) => Promise<number>
}

/** Exit statuses, as KrakenD's commands end. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** A command line or, for `run`, a configuration that cannot be read. */
  unusable: 255,
} as const

/** The flag every command that reads a configuration has. */
export const CONFIG_FLAG: Flag = {
  name: 'config',
  short: 'c',
  kind: 'string',
  description: 'Path to the configuration file',
}

const MISSING_CONFIG =
  'Please, provide the path to the configuration file with --config or see all the options with --help'

const RED = '\u001b[31;1m'
const GREEN = '\u001b[32;1m'
const RESET = '\u001b[0m'

export const red = (text: string, { colours }: Terminal): string =>
  colours ? RED + text + RESET : text
export const green = (text: string, { colours }: Terminal): string =>
  colours ? GREEN + text + RESET : text

/** Works with the configuration's path: the flag, else the variable. Without one it asks for it. */
export async function withConfigFile(
  { flags, env, terminal }: Invocation,
  work: (file: string) => Promise<number>,
): Promise<number> {
  const file = flags.text('config') || env['GATEWAY_CONFIG'] || ''
  if (file !== '') return await work(file)
  terminal.err(`${red(MISSING_CONFIG, terminal)}\n`)
  return EXIT.failed
}
