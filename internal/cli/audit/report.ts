import { readFile } from 'node:fs/promises'
import { type LoadedConfig, loadConfig } from '../../config/load.ts'
import { faultFinder } from '../../process/fault-finder.ts'
import { readSettings } from '../../process/settings.ts'
import { EXIT, type Invocation, red } from '../command.ts'
import { type Finding, findingsOf, table } from './findings.ts'

const ALL_SEVERITIES = 'CRITICAL,HIGH,MEDIUM,LOW'

/** Audits a configuration and prints the findings as the flags ask for. */
export async function report(file: string, invocation: Invocation): Promise<number> {
  const { flags, env } = invocation
  let loaded: LoadedConfig
  try {
    const { maxDecodeBytes } = readSettings({ config: file, flags, env })
    const findMore = faultFinder({ file, maxDecodeBytes })
    loaded = await loadConfig({ file, env, allowUnknownSecurity: true, findMore })
  } catch (error) {
    return failed(invocation, 'parsing the configuration file', error)
  }
  let ignored: ReadonlySet<string>
  try {
    ignored = await ignoredRules(flags.text('ignore'), flags.text('ignore-file'))
  } catch (error) {
    return failed(invocation, 'accessing the ignore file', error)
  }
  const severities = flags.has('severity') ? flags.text('severity') : ALL_SEVERITIES
  return print(invocation, findingsOf(loaded, ignored, new Set(words(severities, ','))))
}

async function print(invocation: Invocation, findings: readonly Finding[]): Promise<number> {
  const { flags, terminal } = invocation
  const format = flags.text('format')
  if (format === '') {
    terminal.err(table(findings, terminal.colours))
  } else {
    // Only a format needs the template engine: a start should not load it.
    const { FormatError, render } = await import('./render.ts')
    try {
      terminal.err(render(format, findings))
    } catch (error) {
      if (!(error instanceof FormatError)) throw error
      return failed(invocation, error.step, error)
    }
  }
  return findings.length === 0 ? EXIT.ok : EXIT.failed
}

async function ignoredRules(listed: string, file: string): Promise<ReadonlySet<string>> {
  const more = file === '' ? [] : words(await readFile(file, 'utf8'), '\n')
  return new Set([...words(listed, ','), ...more])
}

const words = (text: string, separator: string): string[] =>
  text.split(separator).map((word) => word.replaceAll(/\s/g, ''))

function failed({ terminal }: Invocation, step: string, error: unknown): number {
  const reason = error instanceof Error ? error.message : String(error)
  terminal.err(`${red(`ERROR ${step}:`, terminal)}\t${reason}\n\n`)
  return EXIT.failed
}
