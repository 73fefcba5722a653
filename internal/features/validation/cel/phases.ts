import { argumentsOf, hasOf, macroOf, type Node } from './syntax.ts'
import { DYN, listOf, mapOf, type Type } from './types.ts'

const STRING: Type = { kind: 'string' }
const LINES = mapOf(STRING, listOf(STRING))

/** When an expression is looked at: before the call, after it, or with the token. */
export type Phase = 'req' | 'resp' | 'JWT'
export const PHASES: readonly Phase[] = ['req', 'resp', 'JWT']

/** All names that expressions may use. Every phase knows them; each binds its own, and all bind `now`. */
export const NAMES: ReadonlyMap<string, Type> = new Map([
  ['now', STRING],
  ['req_method', STRING],
  ['req_path', STRING],
  ['req_params', mapOf(STRING, STRING)],
  ['req_headers', LINES],
  ['req_querystring', LINES],
  ['resp_completed', { kind: 'bool' }],
  ['resp_metadata_status', { kind: 'int' }],
  ['resp_metadata_headers', LINES],
  ['resp_data', mapOf(STRING, DYN)],
  ['JWT', mapOf(STRING, DYN)],
])

/** The phases of an expression: those whose letters stand anywhere in its text, as KrakenD looks for them. */
export const phasesOf = (source: string): Phase[] =>
  PHASES.filter((phase) => source.includes(phase))

/** The names of other phases in the way of `node` ever being true in `phase`; empty when it may be. */
export function obstacles(node: Node, phase: Phase): string[] {
  return mayHold(node, phase) ? [] : [...new Set(foreign(node, phase))]
}

const isForeign = (name: string, phase: Phase): boolean =>
  name !== 'now' && NAMES.has(name) && !name.startsWith(phase)

function foreign(node: Node, phase: Phase): string[] {
  if (node.op === 'id') return isForeign(node.args, phase) ? [node.args] : []
  return children(node).flatMap((child) => foreign(child, phase))
}

/** Whether some request could make it true. */
function mayHold(node: Node, phase: Phase): boolean {
  if (node.op === '&&') return node.args.every((side) => mayHold(side, phase))
  if (node.op === '||') return node.args.some((side) => mayHold(side, phase))
  return !fails(node, phase)
}

/** Whether it fails for every request, because it needs a name that is not bound. */
function fails(node: Node, phase: Phase): boolean {
  const failing = (child: Node): boolean => fails(child, phase)
  if (node.op === 'id') return isForeign(node.args, phase)
  if (node.op === '&&' || node.op === '||') return node.args.every(failing)
  if (node.op === '?:') {
    const [condition, one, other] = node.args
    return failing(condition) || (failing(one) && failing(other))
  }
  const macro = macroOf(node)
  // The range may be empty.
  return macro === undefined ? children(node).some(failing) : failing(macro.range)
}

function children(node: Node): readonly Node[] {
  const has = hasOf(node)
  if (has !== undefined) return [has.operand]
  switch (node.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [node.args[0]]
    case 'map':
      return node.args.flat()
    case '!_':
    case '-_':
      return [node.args]
    case 'call':
    case 'rcall':
      return argumentsOf(node)
    default:
      return node.args as readonly Node[]
  }
}
