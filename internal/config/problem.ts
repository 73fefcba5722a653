import type { Place } from '../errors.ts'
import type { JsonValue } from '../pipe/pipe.ts'

/** Keys and indices from the root of a document. */
export type Path = readonly (string | number)[]

/** A problem while its place in the file is still unknown: `load.ts` adds line and column. */
export type Finding = {
  readonly path: Path
  readonly message: string
  /** Decode failures are listed first, in KrakenD's form. */
  readonly isDecoding?: boolean
  /** Points at the key instead of its value. */
  readonly atKey?: boolean
  readonly found?: string
  readonly allowed?: string
  readonly nearest?: string | undefined
  /** What the gateway does about it, for warnings. */
  readonly effect?: string
  /** A warning that is logged as an ERROR. */
  readonly isSevere?: boolean
}

/** What stops the start, and what is only said. */
export type Judged = { readonly errors: Finding[]; readonly warnings: Finding[] }

/** The file (or variable), line and column of what stands at a path. */
export type Locate = (path: Path, atKey: boolean) => Place

/** `endpoints[0].backend[1].host`. */
export function pathText(path: Path): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('')
}

const SHOWN_CHARACTERS = 60

/** A value as a message shows it: JSON, cut when long. */
export function shown(value: JsonValue): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text
}
