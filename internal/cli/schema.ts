import type { Command } from './command.ts'
import { EXIT } from './command.ts'
import { PROGRAM } from './help.ts'

/** `gateway schema`: the JSON Schema of configurations, on stdout so that it can be kept in a file. */
export const schema: Command = {
  name: 'schema',
  short: 'Prints the JSON Schema of configurations, for editors',
  long: 'Prints the JSON Schema (2019-09) that describes every key of a configuration, for editors.',
  example: `${PROGRAM} schema > gateway.schema.json`,
  flags: [],
  async run({ terminal }) {
    const { documentSchema } = await import('../config/schemas.ts')
    terminal.out(`${JSON.stringify(documentSchema(), undefined, 2)}\n`)
    return EXIT.ok
  },
}
