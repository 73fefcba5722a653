import { settingFlags } from '../process/settings.ts'
import { CONFIG_FLAG, type Command, withConfigFile } from './command.ts'
import { REGISTRY_FLAGS } from './discover.ts'
import { PROGRAM } from './help.ts'

/** `gateway check`: parses, lints, dumps and builds the gateway, and starts nothing. */
export const check: Command = {
  name: 'check',
  aliases: ['validate'],
  short: 'Validates that the configuration file is valid',
  long: 'Validates that a start would accept the configuration file. Starts nothing, and uses no network unless --discovery asks for it.',
  example: `${PROGRAM} check -dtlc krakend.json`,
  flags: [
    CONFIG_FLAG,
    {
      name: 'debug',
      short: 'd',
      kind: 'count',
      description: 'Shows how the configuration is understood; -dd and -ddd show more',
    },
    {
      name: 'test-gin-routes',
      short: 't',
      kind: 'bool',
      description:
        'Builds routes and features as a start would, and names what conflicts or cannot work',
    },
    {
      name: 'indent',
      short: 'i',
      kind: 'string',
      description: 'Indentation of what -d shows',
      shownDefault: '"\\t"',
    },
    {
      name: 'lint',
      short: 'l',
      kind: 'bool',
      description: 'Refuses what a start only warns about, such as unknown keys',
    },
    {
      name: 'lint-no-network',
      short: 'n',
      kind: 'bool',
      description: 'The same as --lint: no network is ever used',
    },
    {
      name: 'lint-schema',
      short: 's',
      kind: 'string',
      description: 'Lints against a JSON Schema file of your own',
    },
    {
      name: 'discovery',
      kind: 'bool',
      description: 'Asks every registry once, over the network, and fails when one cannot answer',
    },
    {
      name: 'json',
      kind: 'bool',
      description: 'Prints one JSON object with every problem on stdout, and nothing else',
    },
    ...settingFlags.filter(({ name }) => name === 'allow-unknown-security'),
    ...REGISTRY_FLAGS,
  ],
  exclusive: ['lint', 'lint-no-network', 'lint-schema'],
  run: (invocation) =>
    withConfigFile(invocation, async (file) => {
      const { report, reportJson } = await import('./check/report.ts')
      return invocation.flags.isOn('json') ? reportJson(file, invocation) : report(file, invocation)
    }),
}
