import { describeProblem } from '../../errors.ts'
import type { Rule } from './rule.ts'
import { RULES } from './rules.ts'
import type { Subject } from './subject.ts'

/** A rule that applies. */
export type Finding = Pick<Rule, 'rule' | 'severity' | 'message'>

/** Our own rule: a start accepts it with a warning, and it does not do what it is meant to, such as protect. */
const WITHOUT_EFFECT = { rule: '8.1.1', severity: 'CRITICAL' } as const

/** The rules that apply, without the ignored ones and those of other severities. */
export function findingsOf(
  subject: Subject,
  ignored: ReadonlySet<string>,
  severities: ReadonlySet<string>,
): readonly Finding[] {
  const idle = subject.warnings
    .filter(({ severity }) => severity === 'error')
    .map((problem) => ({ ...WITHOUT_EFFECT, message: describeProblem(problem) }))
  return [...RULES.filter(({ applies }) => applies(subject)), ...idle]
    .filter(({ rule, severity }) => !ignored.has(rule) && severities.has(severity))
    .map(({ rule, severity, message }) => ({ rule, severity, message }))
}

const SEVERITY_COLOURS: Readonly<Record<string, string>> = {
  LOW: '\u001b[32;1m',
  MEDIUM: '\u001b[33;1m',
  HIGH: '\u001b[31;1m',
  CRITICAL: '\u001b[41;1m',
}
const RESET = '\u001b[0m'

export const colored = (severity: string): string => {
  const colour = SEVERITY_COLOURS[severity]
  return colour === undefined ? severity : colour + severity + RESET
}

/** One line a finding: rule, severity, message. */
export function table(findings: readonly Finding[], colours: boolean): string {
  return findings
    .map(({ rule, severity, message }) => {
      const shown = colours ? colored(severity) : severity
      return `${rule}\t[${shown}]   \t${message}\n`
    })
    .join('')
}
