import type { Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'

/** Gives an answer another status, before anybody judges it: a 404 may become acceptable. */
export function statusModifier(settings: Settings): Modifier {
  const status = settings.whole('statusCode')
  if (status < 200 || status > 999)
    throw settings.wrong('statusCode', 'no status of an answer', '200 to 999')
  return {
    answer(answer) {
      answer.status = status
    },
  }
}
