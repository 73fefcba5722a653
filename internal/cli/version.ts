import { COMPATIBILITY_VERSION, productVersion } from '../version.ts'
import type { Command } from './command.ts'
import { EXIT } from './command.ts'
import { PROGRAM } from './help.ts'

/** `gateway version`: the lines scripts look for in KrakenD's output, then what really runs. */
export const version: Command = {
  name: 'version',
  short: 'Shows the versions of the gateway and of what it is compatible with',
  long: 'Shows the KrakenD version whose configurations and answers this gateway reproduces, and its own.',
  example: `${PROGRAM} version`,
  flags: [],
  async run({ terminal }) {
    terminal.err(
      `KrakenD Version: ${COMPATIBILITY_VERSION}\n` +
        'Go Version: none\n' +
        `Glibc Version: ${glibcVersion() ?? 'none'}\n` +
        `Gateway Version: ${productVersion()}\n` +
        `Node Version: ${process.versions.node}\n`,
    )
    return EXIT.ok
  },
}

/** The C library Node runs on; musl and other systems have none to name. */
function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport()
  if (typeof report !== 'object' || report === null || !('header' in report)) return undefined
  const { header } = report
  if (typeof header !== 'object' || header === null) return undefined
  return 'glibcVersionRuntime' in header ? String(header.glibcVersionRuntime) : undefined
}
