import { readSettings, settingFlags, unknownVariables } from '../process/settings.ts'
import { CONFIG_FLAG, type Command, type Invocation, withConfigFile } from './command.ts'
import { UsageError } from './flags.ts'
import { PROGRAM } from './help.ts'

const HIGHEST_PORT = 65_535

/** `gateway run`: serves until a signal ends it. A start that fails never ends with status 0. */
export const run: Command = {
  name: 'run',
  short: 'Runs the gateway',
  long:
    'Runs the gateway. Every long flag below has an environment variable: --dns-servers is GATEWAY_DNS_SERVERS.\n' +
    'A flag wins over its variable.',
  example: `${PROGRAM} run -c krakend.json`,
  flags: [
    CONFIG_FLAG,
    { name: 'debug', short: 'd', kind: 'count', description: 'Enables the debug endpoint' },
    { name: 'port', short: 'p', kind: 'int', description: "Listening port, instead of the file's" },
    ...settingFlags,
  ],
  run: (invocation) => withConfigFile(invocation, (file) => serve(file, invocation)),
}

async function serve(file: string, { flags, env, terminal }: Invocation): Promise<number> {
  const port = flags.number('port')
  if (port < 0 || port > HIGHEST_PORT) {
    throw new UsageError(
      `invalid argument "${port}" for "-p, --port" flag: allowed are 0 (the file's) to ${HIGHEST_PORT}`,
    )
  }
  for (const { variable, nearest } of unknownVariables(env)) {
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
    terminal.err(
      `WARNING: the environment variable ${variable} is unknown and has no effect${hint}\n`,
    )
  }
  const settings = readSettings({ config: file, flags, env })
  // The other commands start faster without the server.
  const { runGateway } = await import('../process/run.ts')
  return await runGateway(settings, { debug: flags.number('debug') > 0, port })
}
