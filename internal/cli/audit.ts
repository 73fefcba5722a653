import { CONFIG_FLAG, type Command, withConfigFile } from './command.ts'
import { PROGRAM } from './help.ts'

/** `gateway audit`: what could be better in a configuration. Status 0 only when nothing could. */
export const audit: Command = {
  name: 'audit',
  short: 'Audits a configuration for bad practice',
  long: 'Prints recommendations for a configuration: rule, severity, advice. Ends with status 1 when there are any.',
  example: `${PROGRAM} audit -i 1.1.1,1.1.2 -s CRITICAL -c krakend.json`,
  flags: [
    CONFIG_FLAG,
    {
      name: 'format',
      short: 'f',
      kind: 'string',
      description: 'Inline Go template to render the results',
    },
    {
      name: 'ignore',
      short: 'i',
      kind: 'string',
      description: 'Rules to ignore (comma-separated)',
    },
    {
      name: 'ignore-file',
      short: 'I',
      kind: 'string',
      description: 'File with one rule to ignore a line',
    },
    {
      name: 'severity',
      short: 's',
      kind: 'string',
      description: 'Severities to include (comma-separated)',
      shownDefault: '"CRITICAL,HIGH,MEDIUM,LOW"',
    },
  ],
  run: (invocation) =>
    withConfigFile(invocation, async (file) => {
      const { report } = await import('./audit/report.ts')
      return report(file, invocation)
    }),
}
