import type { BackendConfig, EndpointConfig } from '../../config/types.ts'
import { secrets } from '../../telemetry/secrets.ts'
import { parsed } from '../check/steps.ts'
import { EXIT, type Invocation } from '../command.ts'
import { askOnce, isSound } from './ask-once.ts'
import { asJson, asText } from './words.ts'

/** Asks, prints, and tells by its status whether every list has hosts from its own registry. */
export async function report(file: string, invocation: Invocation): Promise<number> {
  const { flags, terminal, positionals } = invocation
  const hidden = secrets()
  const { config } = await parsed(file, invocation)
  const lists = await askOnce(config, invocation, hidden.add, meantBy(positionals))
  const text = flags.isOn('json') ? asJson(lists) : asText(lists)
  terminal.out(hidden.redact(text))
  if (lists.length === 0 && positionals.length > 0) return EXIT.failed
  return lists.every(isSound) ? EXIT.ok : EXIT.failed
}

function meantBy(
  names: readonly string[],
): ((backend: BackendConfig, endpoint: EndpointConfig) => boolean) | undefined {
  if (names.length === 0) return undefined
  return ({ hosts, urlPattern }, { endpoint }) =>
    [...hosts, urlPattern, endpoint].some((name) => names.includes(name))
}
