import type { Asked, Discovered } from '../../discovery/discover.ts'
import type { Found } from '../../discovery/discovery.ts'
import { listed } from '../../discovery/explain.ts'
import { placeOf } from '../../discovery/place-of.ts'

/** What was found, for people. */
export function asText(lists: readonly Discovered[]): string {
  if (lists.length === 0) return 'No backend takes its hosts from a registry.\n'
  return `${lists.map(oneList).join('\n')}`
}

/** The same for programs. */
export function asJson(lists: readonly Discovered[]): string {
  const value = lists.map(({ backends, wanted, asked, state, current }) => ({
    backends,
    name: wanted.service,
    sd: wanted.sd,
    ...(wanted.registry === '' ? {} : { registry: wanted.registry }),
    asked: asked.map(({ name, result, message, tookMs, instances }) => ({
      name,
      result,
      message,
      took_ms: tookMs,
      instances,
    })),
    notes: state.notes,
    rules: state.rules,
    is_withdrawn: state.isWithdrawn,
    ...listed(current),
  }))
  return `${JSON.stringify({ lists: value }, undefined, 2)}\n`
}

function oneList({ backends, wanted, asked, state, current }: Discovered): string {
  const registry = wanted.registry === '' ? '' : ` (${wanted.registry})`
  const { hosts } = listed(current)
  const all = hosts.reduce((sum, { slots }) => sum + slots, 0)
  return [
    `${wanted.sd} ${wanted.service}${registry}`,
    ...backends.map((backend) => `  for ${backend}`),
    ...asked.flatMap(answer),
    ...section('rules', [...state.notes, ...state.rules]),
    ...section(
      state.isWithdrawn ? 'hosts: none, on purpose' : `hosts: ${hosts.length}`,
      hosts.map(({ url, slots }) => `${url}  ${slots} of ${all}`),
    ),
    '',
  ].join('\n')
}

function answer({ name, result, message, tookMs, instances }: Asked): string[] {
  const reason = message === '' ? '' : `: ${message}`
  return section(`${name} answered in ${tookMs} ms: ${result}${reason}`, instances.map(raw))
}

const section = (title: string, lines: readonly string[]): string[] => [
  `  ${title}`,
  ...lines.map((line) => `    ${line}`),
]

function raw(instance: Found): string {
  const { weight, zone, metadata, addresses } = instance
  const more = [
    `weight ${weight}`,
    zone === '' ? '' : `zone ${zone}`,
    addresses.length === 0 ? '' : `at ${addresses.join(', ')}`,
    ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
  ]
  return `${placeOf(instance)}  ${more.filter((part) => part !== '').join(', ')}`
}
