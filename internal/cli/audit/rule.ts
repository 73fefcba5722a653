import type { Subject } from './subject.ts'

export type Severity = 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW'
export type Test = (subject: Subject) => boolean

/** One recommendation and what calls for it. */
export type Rule = {
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly applies: Test
}

/** A row of a table of rules. */
export const rule = (id: string, severity: Severity, message: string, applies: Test): Rule => ({
  rule: id,
  severity,
  message,
  applies,
})
