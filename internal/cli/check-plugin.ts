import type { Command } from './command.ts'
import { EXIT } from './command.ts'
import { PROGRAM } from './help.ts'

/** `gateway check-plugin`: accepted so that pipelines written for KrakenD go on working. */
export const checkPlugin: Command = {
  name: 'check-plugin',
  short: 'Says why there is nothing to check: plugins here are no Go binaries',
  long:
    'KrakenD loads plugins compiled by the same Go version, against the same libraries, as itself, and this command\n' +
    'compares them. Plugins of this gateway are JavaScript or TypeScript modules: nothing has to match.',
  example: `${PROGRAM} check-plugin`,
  flags: [
    { name: 'format', short: 'f', kind: 'bool', description: 'Accepted, and does nothing' },
    { name: 'go', short: 'g', kind: 'string', description: 'Accepted, and does nothing' },
    { name: 'libc', short: 'l', kind: 'string', description: 'Accepted, and does nothing' },
    { name: 'sum', short: 's', kind: 'string', description: 'Accepted, and does nothing' },
  ],
  async run({ terminal }) {
    terminal.err(
      'Nothing to check: this gateway loads no Go plugins, so no Go version, C library or go.sum has to match.\n' +
        'No incompatibilities found!\n',
    )
    return EXIT.ok
  },
}
