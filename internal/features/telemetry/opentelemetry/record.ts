import type { StaticAttributes } from './config.ts'

/** Attributes by name; the last one counts where a name occurs twice. */
export function record(attributes: StaticAttributes): Readonly<Record<string, string>> {
  const pairs: [string, string][] = []
  for (let at = 0; at < attributes.length; at += 2)
    pairs.push([attributes[at] as string, attributes[at + 1] as string])
  return Object.fromEntries(pairs)
}
