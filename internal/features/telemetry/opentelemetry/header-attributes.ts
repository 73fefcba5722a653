import type { HeaderList } from '../../../pipe/pipe.ts'
import type { AttributeValue } from '../../../telemetry/request-note.ts'
import type { HeaderReport } from './config.ts'

/** `http.request.header.<name>` and its like, each with all values of the header; nothing unless they are asked for. */
export function headerAttributes(
  prefix: 'http.request.header.' | 'http.response.header.',
  headers: HeaderList,
  { isOn, skipped }: HeaderReport,
): (string | AttributeValue)[] {
  if (!isOn) return []
  const values = new Map<string, string[]>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] as string).toLowerCase()
    if (skipped.has(name)) continue
    values.set(name, [...(values.get(name) ?? []), headers[at + 1] as string])
  }
  return [...values].flatMap(([name, list]) => [prefix + name, list])
}
