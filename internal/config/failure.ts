import { ConfigError, type ConfigProblem } from '../errors.ts'
import { isFromEnvironment } from './environment.ts'
import type { Position } from './positions.ts'
import { type Finding, type Locate, pathText } from './problem.ts'

type Located = { readonly finding: Finding; readonly problem: ConfigProblem }

/** Findings with their places. */
export function placed(findings: readonly Finding[], locate: Locate): ConfigProblem[] {
  return findings.map((finding) => locatedProblem(finding, locate)).sort(byPlace)
}

function locatedProblem(finding: Finding, locate: Locate): ConfigProblem {
  const { message, found, allowed, nearest, effect, isSevere } = finding
  return {
    place: { ...locate(finding.path, finding.atKey ?? false), path: pathText(finding.path) },
    message: effect === undefined ? message : `${message}: ${effect}`,
    ...(found === undefined ? {} : { found }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(nearest === undefined ? {} : { nearest }),
    ...(isSevere ? { severity: 'error' as const } : {}),
  }
}

/** In the order of the file. */
export function byPlace(one: ConfigProblem, other: ConfigProblem): number {
  const lines = (one.place.line ?? 0) - (other.place.line ?? 0)
  return lines || (one.place.column ?? 0) - (other.place.column ?? 0)
}

/** The error of a configuration with these findings (and `more` that others found), worded as KrakenD words it as far as KrakenD says it. */
export function configError(
  file: string,
  findings: readonly Finding[],
  locate: Locate,
  more: readonly ConfigProblem[] = [],
): ConfigError {
  const located = findings.map(
    (finding): Located => ({ finding, problem: locatedProblem(finding, locate) }),
  )
  const decoding = located.filter(({ finding }) => finding.isDecoding)
  const others = located
    .filter(({ finding }) => !finding.isDecoding)
    .map(({ problem }) => problem)
    .concat(more)
    .sort(byPlace)
  const ordered = [...decoding.map(({ problem }) => problem), ...others]
  const error = new ConfigError(ordered)
  error.message =
    decoding.length === 0 ? failureText(file, others) : decodingText(file, decoding, others)
  return error
}

function decodingText(
  file: string,
  decoding: readonly Located[],
  others: readonly ConfigProblem[],
): string {
  const lines = decoding.map(({ problem }) => `'${problem.place.path}' ${explained(problem)}`)
  return `'${file}': decoding failed due to the following error(s):\n\n${[...lines, ...others.map(explained)].join('\n')}`
}

/** `'<file>': <what is wrong>`, or one line each when there is more than one thing. */
export function failureText(file: string, problems: readonly ConfigProblem[]): string {
  const lines = problems.map(explained)
  return lines.length === 1
    ? `'${file}': ${lines[0]}`
    : `'${file}': ${lines.length} errors:\n\n${lines.join('\n')}`
}

/** The message, and after it in brackets where it stands and what would be right. */
function explained({ place, message, found, allowed, nearest }: ConfigProblem): string {
  const variable = isFromEnvironment(place) ? place.file : undefined
  const details = [
    place.line === undefined ? variable : `line ${place.line}, column ${place.column}`,
    place.path ? `at ${place.path}` : undefined,
    found === undefined ? undefined : `found ${found}`,
    allowed === undefined ? undefined : `allowed: ${allowed}`,
    nearest === undefined ? undefined : `did you mean ${nearest}?`,
  ].filter((detail) => detail !== undefined)
  return details.length === 0 ? message : `${message} (${details.join('; ')})`
}

/** A text that is no document. */
export function parseError(
  file: string,
  reason: string,
  position: Position | undefined,
): ConfigError {
  const problem = { place: { file, ...position }, message: reason }
  const error = new ConfigError([problem])
  error.message = failureText(file, [problem])
  return error
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
}

/** A configuration file that cannot be read. */
export function readFailure(file: string, cause: unknown): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const verb = code === 'EISDIR' ? 'read' : 'open'
  const message = `${verb} ${file}: ${REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause))}`
  return parseError(file, message, undefined)
}
