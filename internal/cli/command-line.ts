import { nearestName } from '../config/nearest.ts'
import { ConfigError } from '../errors.ts'
import { SettingsError } from '../process/settings.ts'
import type { Command, Terminal } from './command.ts'
import { EXIT } from './command.ts'
import { commands } from './commands.ts'
import { type Flag, parseFlags, UsageError } from './flags.ts'
import { commandHelp, commandUsage, findCommand, PROGRAM, programHelp } from './help.ts'
import { run } from './run.ts'

/** What KrakenD's own messages call the program: scripts look for it. */
const COMPATIBLE_NAME = 'krakend'

type Line = { readonly command: Command; readonly words: readonly string[] }

/** Runs the command that the words name. The value is the exit status. */
export async function runCommandLine(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  try {
    const line = readLine(words)
    if (line === undefined) {
      terminal.out(programHelp(commands))
      return EXIT.ok
    }
    return await runCommand(line, env, terminal)
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`Error: ${error.message}\nRun '${PROGRAM} --help' for usage.\n`)
      return EXIT.unusable
    }
    if (error instanceof SettingsError) {
      terminal.err(`ERROR reading the settings: ${error.message}\n`)
      return EXIT.unusable
    }
    if (error instanceof ConfigError) {
      terminal.err(`ERROR parsing the configuration file: ${error.message}\n`)
      return EXIT.unusable
    }
    throw error
  }
}

async function runCommand(
  { command, words }: Line,
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  try {
    const { values, positionals, wantsHelp } = parseFlags(words, command.flags)
    if (wantsHelp) {
      terminal.out(commandHelp(command))
      return EXIT.ok
    }
    refuseTogether(command.exclusive ?? [], values.given)
    return await command.run({ flags: values, positionals, env, terminal, commands })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    terminal.err(`Error: ${error.message}\n${commandUsage(command)}`)
    return EXIT.unusable
  }
}

/** The command named by the first word that is no flag; without one it is `run`, or help when nothing is asked. */
function readLine(words: readonly string[]): Line | undefined {
  const at = words.findIndex((word, index) => !isFlagOrItsValue(word, words[index - 1]))
  const name = words[at]
  if (name !== undefined) {
    const command = findCommand(commands, name)
    if (command === undefined) throw unknownCommand(name)
    return { command, words: words.toSpliced(at, 1) }
  }
  const isAboutHelp = words.every((word) => word === '-h' || word === '--help')
  return isAboutHelp ? undefined : { command: run, words }
}

function isFlagOrItsValue(word: string, before: string | undefined): boolean {
  if (word.startsWith('-')) return true
  if (before === undefined || !before.startsWith('-') || before.includes('=')) return false
  return takesNextWord(before)
}

/** Whether a flag before the command takes the word after it: by `run`'s flags, and yes for those of others. */
function takesNextWord(word: string): boolean {
  if (word === '--help' || word === '-h') return false
  if (word.startsWith('--')) return !isSwitch((flag) => flag.name === word.slice(2))
  const first = [...word.slice(1)].find((letter) => !isSwitch((flag) => flag.short === letter))
  return first !== undefined && word.indexOf(first, 1) === word.length - 1
}

/** Whether a flag of `run` stands alone, without a value. */
function isSwitch(isMeant: (flag: Flag) => boolean): boolean {
  const flag = run.flags.find(isMeant)
  return flag !== undefined && (flag.kind === 'bool' || flag.kind === 'count')
}

function unknownCommand(name: string): UsageError {
  const near = nearestName(
    name,
    commands.map((command) => command.name),
  )
  const hint = near === undefined ? '' : `\n\nDid you mean this?\n\t${near}\n`
  return new UsageError(`unknown command "${name}" for "${COMPATIBLE_NAME}"${hint}`)
}

function refuseTogether(group: readonly string[], given: readonly string[]): void {
  const both = group.filter((name) => given.includes(name)).toSorted()
  if (both.length < 2) return
  throw new UsageError(
    `if any flags in the group [${group.join(' ')}] are set none of the others can be; [${both.join(' ')}] were all set`,
  )
}
