import { compiledPattern } from '../../../pipe/linear-pattern.ts'
import { emailFault, hostnameFault, ipv4Fault, ipv6Fault } from './formats-host.ts'
import { dateFault, dateTimeFault, durationFault, periodFault, timeFault } from './formats-time.ts'
import { uriFault, uriReferenceFault, uriTemplateFault } from './formats-uri.ts'
import type { Fault } from './formats-words.ts'
import { character } from './formats-words.ts'

const HEX_GROUPS = [8, 4, 4, 4, 12]

/** What is wrong with a text, by the format it should have. Other formats are annotations. */
export const FORMATS: Readonly<Record<string, (text: string) => Fault>> = {
  'json-pointer': pointerFault,
  'relative-json-pointer': relativePointerFault,
  uuid: uuidFault,
  duration: durationFault,
  period: periodFault,
  ipv4: ipv4Fault,
  ipv6: ipv6Fault,
  hostname: hostnameFault,
  email: emailFault,
  date: dateFault,
  time: timeFault,
  'date-time': dateTimeFault,
  uri: uriFault,
  iri: uriFault,
  'uri-reference': uriReferenceFault,
  'iri-reference': uriReferenceFault,
  'uri-template': uriTemplateFault,
  semver: semverFault,
  regex: (text) => {
    const pattern = compiledPattern(text)
    return typeof pattern === 'string' ? pattern : undefined
  },
}

function pointerFault(text: string): Fault {
  if (text === '') return undefined
  if (!text.startsWith('/')) return 'not starting with /'
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined
}

function relativePointerFault(text: string): Fault {
  const digits = /^\d*/.exec(text)?.[0] ?? ''
  if (digits === '') return 'must start with non-negative integer'
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero'
  const rest = text.slice(digits.length)
  return rest === '#' ? undefined : pointerFault(rest)
}

function uuidFault(text: string): Fault {
  const groups = text.split('-')
  if (groups.length !== HEX_GROUPS.length) return `must have ${HEX_GROUPS.length} elements`
  for (const [at, group] of groups.entries()) {
    if (Buffer.byteLength(group) !== HEX_GROUPS[at])
      return `element ${at + 1} must be ${HEX_GROUPS[at]} characters long`
    const wrong = /[^0-9a-f]/iu.exec(group)?.[0]
    if (wrong !== undefined) return `non-hex ${character(wrong)}`
  }
  return undefined
}

const PARTS = ['major', 'minor', 'patch']

function semverFault(text: string): Fault {
  const [, core = '', before, build] = /^([^+-]*)(?:-([^+]*))?(?:\+(.*))?$/su.exec(text) ?? []
  return buildFault(build) ?? preReleaseFault(before) ?? coreFault(core)
}

function buildFault(build: string | undefined): Fault {
  if (build === undefined) return undefined
  if (build === '') return 'build is empty'
  if (build.split('.').includes('')) return 'build identifier is empty'
  const wrong = /[^0-9A-Za-z.-]/u.exec(build)?.[0]
  return wrong === undefined ? undefined : `invalid ${character(wrong)} in build identifier`
}

function preReleaseFault(before: string | undefined): Fault {
  if (before === undefined) return undefined
  for (const part of before.split('.')) {
    if (part === '') return 'pre-release identifier is empty'
    const wrong = /[^0-9A-Za-z-]/u.exec(part)?.[0]
    if (wrong !== undefined) return `invalid ${character(wrong)} in pre-release identifier`
    if (/^0\d+$/.test(part)) return 'pre-release numeric identifier starts with zero'
  }
  return undefined
}

function coreFault(core: string): Fault {
  const versions = core.split('.')
  if (versions.length !== PARTS.length) return 'versionCore must have 3 numbers separated by dot'
  for (const [at, version] of versions.entries()) {
    if (version === '') return `${PARTS[at]} is empty`
    if (/^0./s.test(version)) return `${PARTS[at]} starts with zero`
    if (!/^\d+$/.test(version)) return `${PARTS[at]} contains non-digit`
  }
  return undefined
}
