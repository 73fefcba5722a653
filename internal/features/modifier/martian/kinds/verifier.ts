import type { Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'

const changesNothing = (): void => {}

/** Verifiers count what nobody can ask for here, as in KrakenD: they are taken and change nothing. */
export function verifier(
  ...sides: readonly ('call' | 'answer')[]
): (settings: Settings) => Modifier {
  return (settings) => {
    for (const key of ['name', 'value', 'scheme', 'host', 'path', 'query']) settings.text(key)
    settings.whole('statusCode')
    return Object.fromEntries(sides.map((side) => [side, changesNothing]))
  }
}
