import { COMPATIBILITY_VERSION, productVersion } from '../version.ts'
import type { Command } from './command.ts'
import { EXIT } from './command.ts'
import type { Flag } from './flags.ts'

/** The word users type. */
export const PROGRAM = 'gateway'

const SUMMARY =
  'An API gateway that runs KrakenD configurations: fan-out, merge, discovery, Prometheus.'

/** `gateway help [command]`. */
export const help: Command = {
  name: 'help',
  short: 'Help about any command',
  long: 'Prints what a command does and which flags it takes.',
  example: `${PROGRAM} help check`,
  flags: [],
  async run({ positionals: [topic], commands, terminal }) {
    const command = topic === undefined ? undefined : findCommand(commands, topic)
    if (command !== undefined) terminal.out(commandHelp(command))
    else if (topic === undefined) terminal.out(programHelp(commands))
    else terminal.err(`Unknown help topic [\`${topic}\`]\n${programUsage(commands)}`)
    return EXIT.ok
  },
}

export function findCommand(commands: readonly Command[], word: string): Command | undefined {
  return commands.find(({ name, aliases }) => name === word || aliases?.includes(word))
}

export function programHelp(commands: readonly Command[]): string {
  return `${banner()}\n${SUMMARY}\n\n${programUsage(commands)}`
}

export function commandHelp(command: Command): string {
  return `${banner()}\n${command.long}\n\n${commandUsage(command)}`
}

export function programUsage(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, short }) => `  ${name.padEnd(width)} ${short}\n`)
  return (
    `Usage:\n  ${PROGRAM} [command]\n  ${PROGRAM} -c FILE   (the same as ${PROGRAM} run -c FILE)\n\n` +
    `Available Commands:\n${lines.join('')}\n` +
    `Flags:\n  -h, --help   help for ${PROGRAM}\n\n` +
    `Use "${PROGRAM} [command] --help" for more information about a command.\n`
  )
}

export function commandUsage({ name, aliases, example, flags }: Command): string {
  const alias = aliases === undefined ? '' : `Aliases:\n  ${[name, ...aliases].join(', ')}\n\n`
  return (
    `Usage:\n  ${PROGRAM} ${name} [flags]\n\n${alias}` +
    `Examples:\n${example}\n\nFlags:\n${flagLines(name, flags)}\n`
  )
}

const banner = (): string =>
  `Version: ${productVersion()} (compatible with KrakenD ${COMPATIBILITY_VERSION})\n`

function flagLines(command: string, flags: readonly Flag[]): string {
  const helpFlag: Flag = {
    name: 'help',
    short: 'h',
    kind: 'bool',
    description: `help for ${command}`,
  }
  const rows = [...flags, helpFlag]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => ({ left: flagColumn(flag), flag }))
  const width = Math.max(...rows.map(({ left }) => left.length)) + 3
  return rows.map(({ left, flag }) => left.padEnd(width) + describe(flag) + '\n').join('')
}

function flagColumn({ name, short, kind }: Flag): string {
  const shortPart = short === undefined ? '      ' : `  -${short}, `
  return `${shortPart}--${name}${kind === 'bool' ? '' : ` ${kind}`}`
}

function describe({ description, shownDefault }: Flag): string {
  return shownDefault === undefined ? description : `${description} (default ${shownDefault})`
}
