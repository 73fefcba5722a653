import type { JsonObject } from '../pipe/pipe.ts'
import type { AsyncAgentDocument, EndpointDocument, RootDocument } from './document.ts'
import { nearestName } from './nearest.ts'
import type { Finding, Judged, Path } from './problem.ts'
import type { Level, Places } from './schemas.ts'

/** Namespaces that can refuse or change a request: left out silently, they would leave a hole. */
const GUARD = /^(auth|security|validation|qos|modifier|plugin)\//i
const COMMENT = /^[@$_#]/
const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  service: 'the service',
  endpoint: 'endpoints',
  backend: 'backends',
  async_agent: 'asynchronous agents',
}
/** Namespaces that are no features: registries, also ones that users add, and parts of the gateway itself. */
const NO_FEATURE = /^(discovery\/.+|router|proxy)$/

export type NamespaceRules = {
  readonly places: Places
  readonly allowUnknownSecurity?: boolean | undefined
}

/** Whether a namespace can refuse or change a request. */
export function isGuard(namespace: string): boolean {
  return GUARD.test(namespace)
}

/** Comments under any of the accepted signs are never unknown. */
export function isComment(key: string): boolean {
  return COMMENT.test(key)
}

/** Namespaces nobody understands, or that stand where they have no effect. */
export function judgeNamespaces(root: RootDocument, rules: NamespaceRules, judged: Judged): void {
  const fine = fineNames(rules)
  const judge = (part: Part, level: Level, path: () => Path): void => {
    if (part.extra_config === undefined) return
    for (const name of Object.keys(part.extra_config)) {
      if (fine[level].has(name) || isComment(name)) continue
      judgeNamespace({ name, path: [...path(), 'extra_config', name], level }, rules, judged)
    }
  }
  const judgeAll = (
    list: readonly (EndpointDocument | AsyncAgentDocument)[],
    key: string,
    level: Level,
  ): void => {
    for (const [index, part] of list.entries()) {
      judge(part, level, () => [key, index])
      for (const [at, backend] of (part.backend ?? []).entries()) {
        judge(backend, 'backend', () => [key, index, 'backend', at])
      }
    }
  }
  judge(root, 'service', () => [])
  judgeAll(root.endpoints ?? [], 'endpoints', 'endpoint')
  judgeAll(root.async_agent ?? [], 'async_agent', 'async_agent')
}

type Part = { readonly extra_config?: JsonObject }

/** The namespaces of each level about which there is nothing to say. */
function fineNames({ places }: NamespaceRules): Readonly<Record<Level, ReadonlySet<string>>> {
  const at = (level: Level): ReadonlySet<string> =>
    new Set(Object.keys(places).filter((name) => places[name]?.includes(level)))
  return {
    service: at('service'),
    endpoint: at('endpoint'),
    backend: at('backend'),
    async_agent: at('async_agent'),
  }
}

type Named = { readonly name: string; readonly path: Path; readonly level: Level }

function judgeNamespace({ name, path, level }: Named, rules: NamespaceRules, judged: Judged): void {
  const { places } = rules
  const here = Object.hasOwn(places, name) ? places[name] : undefined
  if (here === undefined && !NO_FEATURE.test(name)) judgeUnknown(name, path, rules, judged)
  else if (here !== undefined && !here.includes(level))
    judged.warnings.push(misplaced(name, path, here, level))
}

function judgeUnknown(name: string, path: Path, rules: NamespaceRules, judged: Judged): void {
  const isGuarding = isGuard(name)
  const finding: Finding = {
    path,
    atKey: true,
    message: `unknown namespace "${name}"`,
    nearest: nearestName(name, Object.keys(rules.places)),
  }
  if (!isGuarding) judged.warnings.push({ ...finding, effect: 'it is ignored' })
  else if (rules.allowUnknownSecurity) {
    judged.warnings.push({
      ...finding,
      effect: 'requests pass WITHOUT it (--allow-unknown-security)',
      isSevere: true,
    })
  } else {
    judged.errors.push({
      ...finding,
      message: `${finding.message}: it could refuse or change requests, and they would pass without it`,
      allowed: '--allow-unknown-security starts all the same',
    })
  }
}

function misplaced(name: string, path: Path, here: readonly Level[], level: Level): Finding {
  return {
    path,
    atKey: true,
    message: `namespace "${name}" does not belong to ${LEVEL_NAMES[level]}`,
    allowed: here.map((place) => LEVEL_NAMES[place]).join(', '),
    effect: 'it is ignored here',
    isSevere: isGuard(name),
  }
}
