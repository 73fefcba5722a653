import { readFile } from 'node:fs/promises'
import type { ConfigProblem } from '../errors.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { withNamespaces } from './aliases.ts'
import { decode } from './decode.ts'
import { deepFreeze } from './deep-freeze.ts'
import { rootDocument } from './document.ts'
import { duplicateEndpoints } from './duplicates.ts'
import { environmentPlaces, isFromEnvironment, withEnvironment } from './environment.ts'
import { configError, parseError, placed, readFailure } from './failure.ts'
import { type Overrides, withFlags } from './flags.ts'
import { withGaps } from './gaps.ts'
import { type JudgeOptions, judgeDocument } from './judge-document.ts'
import { ROOT } from './kinds.ts'
import { largeNumbers } from './large-numbers.ts'
import { locateProblems } from './locate-problems.ts'
import { normalise } from './normalise.ts'
import { parseDocument } from './parse.ts'
import type { ParsedDocument } from './positions.ts'
import { type Finding, type Locate, type Path, pathText } from './problem.ts'
import type { Gap } from './template/output.ts'
import type { ServiceConfig } from './types.ts'
import { loadValidation } from './validation.ts'

/** Only such a text can hold a whole number beyond 2^53: looking at each value is dear. */
const LONG_NUMBER = /\d{16}|\d[eE]/

export type LoadOptions = JudgeOptions & {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly overrides?: Overrides
  /** What else is wrong with a document that cannot be used; `known` are the places of what was found here. */
  readonly findMore?: (
    document: JsonObject,
    known: readonly Path[],
  ) => Promise<readonly ConfigProblem[]>
  /** Whether what `lint` refuses is told with what cannot be used. */
  readonly lints?: boolean
}

export type LoadedConfig = {
  /** Frozen; every default filled in. */
  readonly config: ServiceConfig
  /** The document with decoded values, environment and flags applied, namespaces under their current names. */
  readonly document: JsonObject
  /** `document` with namespaces as written, for the dump of `check -d`. */
  readonly writtenDocument: JsonObject
  /** What the text says, before environment and decoding. */
  readonly rawDocument: JsonObject
  /** The file's text, rendered when it is a template. */
  readonly text: string
  /** What is odd, but lets the gateway start: one line each. */
  readonly warnings: readonly ConfigProblem[]
  /** Endpoints with the same method and path: the router refuses to be built with them. */
  readonly routeProblems: readonly ConfigProblem[]
  /** Every file that was read. */
  readonly sources: readonly string[]
  /** Adds file, line and column to problems that are found later, by those who know only the path. */
  locate(problems: readonly ConfigProblem[]): readonly ConfigProblem[]
}

/**
 * Reads, renders, parses, checks and completes a configuration. Throws a `ConfigError` with everything that is
 * wrong with it, each with its place.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  try {
    return await load(options)
  } catch (error) {
    // Nested so deeply that walking it overflows the stack, here or in a parser.
    if (error instanceof RangeError) throw parseError(options.file, 'exceeded max depth', undefined)
    throw error
  }
}

async function load(options: LoadOptions): Promise<LoadedConfig> {
  const validation = loadValidation()
  validation.catch(() => undefined)
  const { file, bytes, sources, gaps } = await read(options)
  const parsed = await parseDocument(file, bytes).catch((error) => {
    throw withGaps(error, gaps, bytes.toString('utf8'))
  })
  const written = withFlags(withEnvironment(parsed.document, options.env), options.overrides)
  const { document: writtenDocument, findings } = decode(written, ROOT)
  const document = withNamespaces(writtenDocument)
  const { errors, warnings } = judgeDocument(document, await validation, options)
  const locate = environmentPlaces(file, options.env, parsed)
  const root = rootDocument(document)
  const odd = [...warnings, ...(LONG_NUMBER.test(parsed.text) ? largeNumbers(document) : [])]
  const routeProblems = duplicateEndpoints(root)
  const failures = [...findings, ...errors.filter(({ path }) => !isAmong(path, findings))]
  if (failures.length > 0) {
    const linted = options.lints ? [...odd, ...routeProblems].filter(isInFile(locate)) : []
    const all = [...failures, ...linted]
    const more = await options.findMore?.(
      document,
      all.map(({ path }) => path),
    )
    throw configError(file, all, locate, locateProblems(more ?? [], parsed.document, locate))
  }
  return {
    config: deepFreeze(normalise(root, options.file)),
    document,
    writtenDocument,
    rawDocument: parsed.document,
    text: parsed.text,
    warnings: [...placed(odd, locate), ...ignoredDocument(file, parsed)],
    routeProblems: placed(routeProblems, locate),
    sources,
    locate: (problems) => locateProblems(problems, parsed.document, locate),
  }
}

/** What `check -l` refuses: everything in the file that is only said when the gateway starts. */
export function lint(loaded: LoadedConfig): readonly ConfigProblem[] {
  return [...loaded.warnings, ...loaded.routeProblems].filter(
    ({ place }) => !isFromEnvironment(place),
  )
}

/** As KrakenD, which says nothing of it. */
const ignoredDocument = (file: string, { ignoredFrom }: ParsedDocument): ConfigProblem[] =>
  ignoredFrom === undefined
    ? []
    : [{ place: { file, ...ignoredFrom }, message: 'a further document: it is ignored' }]

const isInFile =
  (locate: Locate) =>
  ({ path, atKey }: Finding): boolean =>
    !isFromEnvironment(locate(path, atKey ?? false))

/** What could not be decoded is absent: that is nothing to complain of again, nor are the parameters it would have had. */
function isAmong(path: Path, findings: readonly Finding[]): boolean {
  const isUpstreamPath = path.at(-1) === 'url_pattern'
  const places = [path, ...(isUpstreamPath ? [[...path.slice(0, 2), 'endpoint']] : [])]
  return findings.some((finding) =>
    places.some((place) => pathText(finding.path) === pathText(place)),
  )
}

type Source = {
  readonly file: string
  readonly bytes: Buffer
  readonly sources: readonly string[]
  readonly gaps: readonly Gap[]
}

/** The file, rendered when flexible configuration is on; any value of `FC_ENABLE` switches it on, even 0. */
async function read({ file, env }: LoadOptions): Promise<Source> {
  const bytes = await readBytes(file)
  if (!env['FC_ENABLE']) return { file, bytes, sources: [file], gaps: [] }
  const { renderTemplate } = await import('./template/render-template.ts')
  const rendered = renderTemplate({ file, env })
  return { ...rendered, bytes: Buffer.from(rendered.text) }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw readFailure(file, error)
  }
}
