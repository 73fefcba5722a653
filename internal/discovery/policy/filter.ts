import type { Filter } from '../choice.ts'
import type { Found } from '../discovery.ts'
import { placeOf } from '../place-of.ts'

/** The instances a backend wants, at the port it wants, and in words why others are not. */
export function filtered(
  instances: readonly Found[],
  filter: Filter,
): { readonly instances: readonly Found[]; readonly notes: readonly string[] } {
  if (takesAll(filter)) return { instances, notes: [] }
  const kept: Found[] = []
  const notes: string[] = []
  for (const instance of instances) {
    const reason = unwanted(instance, filter)
    const port = portOf(instance, filter.port)
    if (reason !== undefined) notes.push(`${placeOf(instance)}: dropped, ${reason}`)
    else if (port === undefined)
      notes.push(`${placeOf(instance)}: dropped, it has no port "${filter.port}"`)
    else kept.push(port === instance.port ? instance : { ...instance, port })
  }
  return { instances: kept, notes }
}

const takesAll = ({ metadata, tags, port }: Filter): boolean =>
  port === '' && tags.length === 0 && Object.keys(metadata).length === 0

function unwanted({ metadata }: Found, filter: Filter): string | undefined {
  const own = (key: string) => (Object.hasOwn(metadata, key) ? metadata[key] : undefined)
  for (const [key, value] of Object.entries(filter.metadata))
    if (own(key) !== value)
      return `its ${key} is ${JSON.stringify(own(key) ?? null)}, not "${value}"`
  const tags = new Set((own('tags') ?? '').split(',').map((tag) => tag.trim()))
  const missing = filter.tags.find((tag) => !tags.has(tag))
  return missing === undefined ? undefined : `it has no tag "${missing}"`
}

const HIGHEST_PORT = 65_535

/** `undefined` when the instance has no such port. */
function portOf({ port, metadata }: Found, choice: string): number | undefined {
  if (choice === '') return port
  const written = /^\d+$/.test(choice) ? choice : metadata[`port.${choice}`]
  const number = Number(written)
  return Number.isInteger(number) && number > 0 && number <= HIGHEST_PORT ? number : undefined
}
