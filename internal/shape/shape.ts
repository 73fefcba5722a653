import { type BackendConfig, namespace } from '../config/types.ts'
import type { JsonObject } from '../pipe/pipe.ts'
import { allow } from './allow.ts'
import { deny } from './deny.ts'
import { flatmapFor } from './flatmap.ts'
import { group } from './group.ts'
import { renamesOf } from './mapping.ts'
import { target } from './target.ts'

/** Changes decoded data; never its input, which others may hold. `null` is an upstream's `null`. */
export type Shape = (data: JsonObject | null) => JsonObject | null

type ShapeConfig = Pick<
  BackendConfig,
  'target' | 'allow' | 'deny' | 'mapping' | 'group' | 'extraConfig'
>

/**
 * What a backend's answer goes through: target, then allow or deny, mapping, group; a `flatmap_filter` stands
 * in for allow, deny and mapping. `undefined` when nothing is configured. Throws a `ConfigError`.
 */
export function shaperFor(backend: ShapeConfig): Shape | undefined {
  const flatmap = flatmapFor(namespace(backend.extraConfig, 'proxy')?.['flatmap_filter'])
  const steps = [
    backend.target === '' ? undefined : target(backend.target),
    flatmap ?? fieldsOf(backend),
    backend.group === '' ? undefined : group(backend.group),
  ].filter((step) => step !== undefined)
  const [first, second, third] = steps
  if (first === undefined || second === undefined) return first
  if (third === undefined) return (data) => second(first(data))
  return (data) => third(second(first(data)))
}

/** Whether the answer stays in one piece, if under a group's name: its own bytes are still its text. */
export const keepsWhole = (backend: ShapeConfig): boolean =>
  shaperFor({ ...backend, group: '' }) === undefined

/** allow or deny, and mapping, in one pass. */
function fieldsOf(backend: ShapeConfig): Shape | undefined {
  const renames = renamesOf(backend.mapping)
  if (backend.allow.length === 0 && backend.deny.length === 0 && renames.size === 0)
    return undefined
  const pass =
    backend.allow.length > 0 ? allow(backend.allow, renames) : deny(backend.deny, renames)
  return (data) => (data === null ? null : pass(data))
}
