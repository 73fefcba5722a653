import type { JsonObject, JsonValue } from '../../pipe/pipe.ts'
import { DiscoveryError } from '../discovery.ts'
import { asList, asObject, asText } from './json.ts'

/** A Eureka registry as fetched and kept up to date: application in capitals → instance id → instance. */
export type EurekaRegistry = ReadonlyMap<string, ReadonlyMap<string, JsonObject>>
export type EurekaAnswer = { readonly apps: EurekaApps; readonly hash: string }
type EurekaApps = readonly { readonly name: string; readonly instances: readonly JsonObject[] }[]

/** Reads `/apps` and `/apps/delta`. */
export function readApplications(parsed: JsonValue, who: string): EurekaAnswer {
  const applications = asObject(asObject(parsed)?.['applications'])
  if (applications === undefined) throw broken(who, 'no "applications"')
  const apps = (asList(applications['application']) ?? []).map((application) => {
    const { name, instance } = asObject(application) ?? {}
    if (typeof name !== 'string') throw broken(who, 'an application without a name')
    const instances = (asList(instance) ?? []).map(asObject).filter((one) => one !== undefined)
    return { name: name.toUpperCase(), instances }
  })
  return { apps, hash: asText(applications['apps__hashcode']) }
}

const broken = (who: string, what: string) => new DiscoveryError('broken', `${who}: ${what}`)

/** The registry that a full answer describes. */
export function registryOf({ apps }: EurekaAnswer): EurekaRegistry {
  const registry = new Map<string, Map<string, JsonObject>>()
  for (const { name, instances } of apps)
    registry.set(name, new Map(instances.map((instance) => [idOf(instance), instance])))
  return registry
}

/** The registry after the changes of a delta. The same changes come again and again: they are states, not steps. */
export function withDelta(registry: EurekaRegistry, { apps }: EurekaAnswer): EurekaRegistry {
  const next = new Map(registry)
  for (const { name, instances } of apps) {
    const changed = new Map(next.get(name))
    for (const instance of instances) {
      if (instance['actionType'] === 'DELETED') changed.delete(idOf(instance))
      else changed.set(idOf(instance), instance)
    }
    if (changed.size === 0) next.delete(name)
    else next.set(name, changed)
  }
  return next
}

/** What the server says of its own list (`DOWN_1_UP_3_`), counted over ours: different when we missed something. */
export function hashOf(registry: EurekaRegistry): string {
  const counts = new Map<string, number>()
  for (const instances of registry.values())
    for (const instance of instances.values()) {
      const status = asText(instance['status'])
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
  return [...counts]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([status, count]) => `${status}_${count}_`)
    .join('')
}

/** Old servers give no id: there the host name is it. */
const idOf = (instance: JsonObject): string =>
  asText(instance['instanceId']) || asText(instance['hostName']) || asText(instance['ipAddr'])
