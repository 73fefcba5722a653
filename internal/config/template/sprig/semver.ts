import { type FuncMap, func } from '../func.ts'
import { compareStrings, Int, Struct, type Value } from '../value.ts'

type Version = {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
}

const LABEL = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const VERSION = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${LABEL}))?(?:\\+(${LABEL}))?$`,
)

const CONSTRAINT_VERSION = `v?([0-9xX*|]+)(\\.[0-9xX*|]+)?(\\.[0-9xX*|]+)?(-${LABEL})?(?:\\+${LABEL})?`
const OPERATORS = '|=|!=|>|<|>=|=>|<=|=<|~|~>|\\^'
const CONSTRAINT = new RegExp(`^\\s*(${OPERATORS})\\s*(${CONSTRAINT_VERSION})\\s*$`)
const PIECE = new RegExp(`(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|)\\s*${CONSTRAINT_VERSION}`, 'g')
const RANGE = new RegExp(`\\s*(${CONSTRAINT_VERSION})\\s+-\\s+(${CONSTRAINT_VERSION})\\s*`, 'g')

/** sprig's semantic versions. */
export const semver: FuncMap = {
  semver: func(['string'], (text) => versionStruct(parse(text), text)),
  semverCompare: func(['string', 'string'], (constraint, text) => {
    const alternatives = parseConstraints(constraint)
    const version = parse(text)
    return alternatives.some((all) => all.every((one) => one(version)))
  }),
}

function parse(text: string): Version {
  const found = VERSION.exec(text)
  if (found === null) throw new Error('Invalid Semantic Version')
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = found
  if (prerelease.split('.').some((label) => /^0\d+$/.test(label))) {
    throw new Error('Version segment starts with 0')
  }
  return { major: BigInt(major), minor: BigInt(minor), patch: BigInt(patch), prerelease, metadata }
}

function write({ major, minor, patch, prerelease, metadata }: Version): string {
  const labels =
    (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`)
  return `${major}.${minor}.${patch}${labels}`
}

function versionStruct(version: Version, original: string): Struct {
  const text = write(version)
  const methods = new Map<string, () => Value>([
    ['Major', () => new Int(version.major, 'uint64')],
    ['Minor', () => new Int(version.minor, 'uint64')],
    ['Patch', () => new Int(version.patch, 'uint64')],
    ['Prerelease', () => version.prerelease],
    ['Metadata', () => version.metadata],
    ['Original', () => original],
    ['String', () => text],
  ])
  return new Struct({ type: '*semver.Version', fields: new Map(), methods, text })
}

function compare(left: Version, right: Version): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (left[part] !== right[part]) return left[part] < right[part] ? -1 : 1
  }
  return comparePrerelease(left.prerelease, right.prerelease)
}

function comparePrerelease(left: string, right: string): number {
  if (left === right) return 0
  if (left === '') return 1
  if (right === '') return -1
  const [lefts, rights] = [left.split('.'), right.split('.')]
  for (let i = 0; i < Math.max(lefts.length, rights.length); i++) {
    const order = compareLabels(lefts[i], rights[i])
    if (order !== 0) return order
  }
  return 0
}

function compareLabels(left: string | undefined, right: string | undefined): number {
  if (left === undefined) return right === undefined ? 0 : -1
  if (right === undefined) return 1
  const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1
  if (!leftIsNumber) return Math.sign(compareStrings(left, right))
  const [a, b] = [BigInt(left), BigInt(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

type Check = (version: Version) => boolean

/** `||` between alternatives, white space or commas between what must hold together. */
function parseConstraints(text: string): Check[][] {
  const rewritten = text.replace(
    RANGE,
    (_, ...groups: string[]) => `>= ${groups[0]}, <= ${groups[5]} `,
  )
  return rewritten.split('||').map((alternative) => {
    const rest = alternative.replace(PIECE, '').replace(/[\s,]+/g, '')
    const pieces = [...alternative.matchAll(PIECE)].map(([piece]) => piece)
    if (rest !== '' || pieces.length === 0 || /,\s*,/.test(alternative))
      throw new Error(`improper constraint: ${alternative}`)
    return pieces.map(parseConstraint)
  })
}

type Constraint = {
  readonly version: Version
  /** The first part left open, as in `1.x` or `1`. */
  readonly open: 'major' | 'minor' | 'patch' | undefined
}

function parseConstraint(text: string): Check {
  const found = CONSTRAINT.exec(text)
  if (found === null) throw new Error(`improper constraint: ${text}`)
  const [, operator = '', , major = '', minor = '', patch = '', prerelease = ''] = found
  const isOpen = (part: string): boolean => part === '' || /^\.?[xX*]$/.test(part)
  const open = isOpen(major)
    ? 'major'
    : isOpen(minor)
      ? 'minor'
      : isOpen(patch)
        ? 'patch'
        : undefined
  const numbers = {
    major: '0.0.0',
    minor: `${major}.0.0`,
    patch: `${major}${minor}.0`,
    all: `${major}${minor}${patch}`,
  }[open ?? 'all']
  const constraint = { version: parse(numbers + prerelease), open } satisfies Constraint
  const check = CHECKS[operator] ?? tildeOrEqual
  return (version) => {
    const refusesPrereleases = operator !== '!=' || open !== undefined
    if (refusesPrereleases && version.prerelease !== '' && prerelease === '') return false
    return check(version, constraint)
  }
}

type Operator = (version: Version, constraint: Constraint) => boolean

const CHECKS: Readonly<Record<string, Operator>> = {
  '': tildeOrEqual,
  '=': tildeOrEqual,
  '!=': notEqual,
  '>': greater,
  '<': (version, constraint) => compare(version, constraint.version) < 0,
  '>=': (version, constraint) => compare(version, constraint.version) >= 0,
  '=>': (version, constraint) => compare(version, constraint.version) >= 0,
  '<=': lessOrEqual,
  '=<': lessOrEqual,
  '~': tilde,
  '~>': tilde,
  '^': caret,
}

/** Both an open minor and an open major count as one kind of open here, except where `*` alone is meant. */
function isMinorOpen({ open }: Constraint): boolean {
  return open === 'minor'
}

function notEqual(version: Version, constraint: Constraint): boolean {
  const other = constraint.version
  if (constraint.open === undefined) return compare(version, other) !== 0
  if (version.major !== other.major) return true
  if (isMinorOpen(constraint)) return false
  if (version.minor !== other.minor) return true
  if (constraint.open === 'patch')
    return comparePrerelease(version.prerelease, other.prerelease) !== 0
  return version.patch !== other.patch || compare(version, other) !== 0
}

function greater(version: Version, constraint: Constraint): boolean {
  const other = constraint.version
  if (constraint.open === undefined) return compare(version, other) > 0
  if (version.major !== other.major) return version.major > other.major
  if (isMinorOpen(constraint)) return false
  if (constraint.open === 'patch') return version.minor > other.minor
  return compare(version, other) > 0
}

function lessOrEqual(version: Version, constraint: Constraint): boolean {
  const other = constraint.version
  if (constraint.open === undefined) return compare(version, other) <= 0
  if (version.major > other.major) return false
  return !(version.major === other.major && version.minor > other.minor && !isMinorOpen(constraint))
}

function tilde(version: Version, constraint: Constraint): boolean {
  const other = constraint.version
  if (compare(version, other) < 0) return false
  const isZero = other.major === 0n && other.minor === 0n && other.patch === 0n
  if (isZero && !isMinorOpen(constraint) && constraint.open !== 'patch') return true
  return version.major === other.major && (version.minor === other.minor || isMinorOpen(constraint))
}

function tildeOrEqual(version: Version, constraint: Constraint): boolean {
  if (constraint.open !== undefined) return tilde(version, constraint)
  return compare(version, constraint.version) === 0
}

function caret(version: Version, constraint: Constraint): boolean {
  const other = constraint.version
  if (compare(version, other) < 0) return false
  if (other.major > 0n || isMinorOpen(constraint)) return version.major === other.major
  if (version.major > 0n) return false
  if (other.minor > 0n || constraint.open === 'patch') return version.minor === other.minor
  return version.minor === 0n && version.patch === other.patch
}
