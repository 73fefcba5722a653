import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { JsonValue } from '../../internal/pipe/pipe.ts'

/**
 * One end-to-end case: a configuration, the upstreams it talks to, the requests sent, and what a KrakenD 2.13
 * answered (and what its upstreams saw). The keys are explained in README.md beside this file.
 */
export type Spec = {
  readonly name: string
  /** The document without `port`, or the file's text as it is. */
  readonly config: JsonValue
  readonly configFile?: string
  readonly files?: Readonly<Record<string, JsonValue>>
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly ports?: readonly string[]
  readonly upstreams?: Readonly<Record<string, Routes>>
  readonly requests?: readonly Step[]
  readonly expectExit?: Exit
  readonly outputMatches?: readonly string[]
  readonly krakendBug?: string
  readonly better?: Better
}
export type Exit = 'ok' | 'failed'

/** What this gateway does instead of the recorded answer: replaces what it names. */
export type Better = {
  readonly expectExit?: Exit
  readonly outputMatches?: readonly string[]
  /** By the step's number, counted from 1. */
  readonly requests?: Readonly<Record<string, Pick<Step, 'expect' | 'saw' | 'skipSaw'>>>
}

/** `METHOD /path`, `METHOD /path?query`, `* /path`, `METHOD *` or `* *` to an answer, or one answer per call. */
export type Routes = Readonly<Record<string, Answer | readonly Answer[]>>
export type Answer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly json?: JsonValue
  readonly rawJson?: string
  readonly text?: string
  readonly base64?: string
  readonly gzip?: boolean
  readonly delayMs?: number
  readonly echo?: boolean
  readonly reset?: boolean
  readonly cutAfter?: number
}

export type Step = {
  readonly send: Send
  /** A name of `ports` instead of the gateway's own. */
  readonly to?: string
  readonly waitMs?: number
  readonly times?: number
  readonly settleMs?: number
  readonly ignoreHeaders?: readonly string[]
  readonly skipSaw?: boolean
  readonly expect?: JsonValue
  readonly saw?: JsonValue
}
export type Send = {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
  readonly json?: JsonValue
}

export type NamedSpec = { readonly file: string; readonly spec: Spec }

/** Every case below `folder`, by its path there (`routing/health.json`), in order. */
export async function readSpecs(folder: string): Promise<NamedSpec[]> {
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((name) => name.includes(path.sep) && name.endsWith('.json')).sort()
  return Promise.all(
    files.map(async (file) => ({
      file,
      spec: JSON.parse(await readFile(path.join(folder, file), 'utf8')) as Spec,
    })),
  )
}

/** The case with its `better` expectations in the place of the recorded ones. */
export function withBetter(spec: Spec): Spec {
  const { better } = spec
  if (better === undefined) return spec
  const requests = (spec.requests ?? []).map((step, at) => ({
    ...step,
    ...better.requests?.[String(at + 1)],
  }))
  const { requests: _steps, ...rest } = better
  return { ...spec, ...rest, requests }
}
