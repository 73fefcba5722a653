import { writeFile } from 'node:fs/promises'
import { CONFIG_FLAG, type Command, EXIT, red, withConfigFile } from './command.ts'
import { PROGRAM } from './help.ts'

/** `gateway openapi`: the endpoints of a configuration as an OpenAPI 3 document. */
export const openapi: Command = {
  name: 'openapi',
  short: 'Writes an OpenAPI 3 document of the endpoints',
  long: 'Writes an OpenAPI 3 document of a configuration: what its endpoints say by themselves, and what documentation/openapi adds.',
  example: `${PROGRAM} openapi -c krakend.json -o openapi.json`,
  flags: [
    CONFIG_FLAG,
    {
      name: 'output',
      short: 'o',
      kind: 'string',
      description: 'Write to this file, not to stdout',
    },
    {
      name: 'audience',
      short: 'a',
      kind: 'string',
      description: 'Only endpoints for these audiences (comma-separated)',
    },
    {
      name: 'skip-jsonschema',
      kind: 'bool',
      description: 'Leave out the schemas of validation/json-schema',
    },
  ],
  run: (invocation) =>
    withConfigFile(invocation, async (file) => {
      const { flags, env, terminal } = invocation
      const { loadConfig } = await import('../config/load.ts')
      const { openApiDocument } = await import('./openapi/document.ts')
      try {
        const { config } = await loadConfig({ file, env, allowUnknownSecurity: true })
        const audiences = flags
          .text('audience')
          .split(',')
          .map((each) => each.trim())
        const document = openApiDocument(config, {
          audiences: audiences.filter((each) => each !== ''),
          hasJsonSchemas: !flags.isOn('skip-jsonschema'),
        })
        const text = `${JSON.stringify(document, undefined, 2)}\n`
        if (flags.has('output')) await writeFile(flags.text('output'), text)
        else terminal.out(text)
        return EXIT.ok
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        terminal.err(`${red('ERROR exporting the configuration:', terminal)}\t${reason}\n`)
        return EXIT.failed
      }
    }),
}
