import type { Plugin } from '../features/plugin/plugin.ts'
import type { Command } from './command.ts'
import { EXIT, green, red } from './command.ts'
import { PROGRAM } from './help.ts'

/** What each flag asks a plugin for. */
const KINDS = [
  { flag: 'server', label: 'SERVER', parts: ['httpServer'] },
  { flag: 'modifier', label: 'MODIFIER', parts: ['requestModifier', 'responseModifier'] },
  { flag: 'client', label: 'CLIENT', parts: ['httpClient'] },
] as const satisfies readonly {
  readonly flag: string
  readonly label: string
  readonly parts: readonly (keyof Plugin)[]
}[]

/** `gateway test-plugin FILE...`: loads plugins as the gateway does and says what they are. */
export const testPlugin: Command = {
  name: 'test-plugin',
  short: 'Loads plugins and says what they are',
  long: 'Loads each module as the gateway would, and says whether it is a plugin of the kinds that the flags ask for.',
  example: `${PROGRAM} test-plugin -m ./plugins/my-modifier.ts`,
  flags: [
    {
      name: 'client',
      short: 'c',
      kind: 'bool',
      description: 'It must make calls (plugin/http-client)',
    },
    {
      name: 'modifier',
      short: 'm',
      kind: 'bool',
      description: 'It must change requests or answers (plugin/req-resp-modifier)',
    },
    {
      name: 'server',
      short: 's',
      kind: 'bool',
      description: 'It must wrap the server (plugin/http-server)',
    },
  ],
  async run({ flags, positionals, terminal }) {
    if (positionals.length === 0) {
      terminal.err(`${red('At least one plugin is required.', terminal)}\n`)
      return EXIT.failed
    }
    const { loadPlugin } = await import('../features/plugin/load-plugin.ts')
    const wanted = KINDS.filter(({ flag }) => flags.isOn(flag))
    let failures = 0
    for (const file of positionals) {
      const problem = judge(file, wanted, loadPlugin)
      if (problem.isError) failures++
      const mark = problem.isError ? red('[KO]', terminal) : green('[OK]', terminal)
      terminal.err(`${mark} ${file}: ${problem.text}\n`)
    }
    return failures === 0 ? EXIT.ok : EXIT.failed
  },
}

function judge(
  file: string,
  wanted: readonly (typeof KINDS)[number][],
  load: (file: string) => Plugin,
): { readonly isError: boolean; readonly text: string } {
  try {
    const plugin = load(file)
    const has = ({ parts }: (typeof KINDS)[number]) =>
      parts.some((part) => plugin[part] !== undefined)
    const missing = wanted.filter((kind) => !has(kind)).map(({ label }) => label)
    if (missing.length > 0) return { isError: true, text: `it is no ${missing.join(', no ')}` }
    const kinds = KINDS.filter(has).map(({ label }) => label)
    return { isError: false, text: `${plugin.name} (${kinds.join(', ')})` }
  } catch (error) {
    return { isError: true, text: error instanceof Error ? error.message : String(error) }
  }
}
