import { settingFlags } from '../process/settings.ts'
import { CONFIG_FLAG, type Command, withConfigFile } from './command.ts'
import { PROGRAM } from './help.ts'

/** The settings that say how registries are reached. */
export const REGISTRY_FLAGS = settingFlags.filter(({ name }) => /^(dns-servers|etcd.*)$/.test(name))

/** `gateway discover`: asks every registry once and tells what became of each answer. Status 1 when a list is empty. */
export const discover: Command = {
  name: 'discover',
  short: 'Asks the registries once and explains the hosts',
  long:
    'Asks every registry of the configuration once and prints for each backend the raw answer, every rule that was\n' +
    'applied, and which hosts were kept or dropped. A name after the flags shows only backends of that service,\n' +
    'endpoint or url_pattern. Ends with status 1 when a registry cannot answer or a list has no host.',
  example: `${PROGRAM} discover -c krakend.json orders`,
  flags: [
    CONFIG_FLAG,
    { name: 'json', kind: 'bool', description: 'Prints one JSON object on stdout' },
    ...REGISTRY_FLAGS,
  ],
  run: (invocation) =>
    withConfigFile(invocation, async (file) => {
      const { report } = await import('./discover/report.ts')
      return report(file, invocation)
    }),
}
