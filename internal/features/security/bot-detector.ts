import { type Options, optionsOf } from '../../config/options.ts'
import { ConfigError } from '../../errors.ts'
import { headerValue } from '../../pipe/headers.ts'
import { linearPattern } from '../../pipe/linear-pattern.ts'
import type { Decorator, Handler, JsonValue, Reply } from '../../pipe/pipe.ts'
import { fromWire } from '../../pipe/wire-text.ts'
import type { Logger } from '../../telemetry/log.ts'
import { type HandlerFeature, pathOf, type ServiceFeature } from '../feature.ts'
import { exceptHealth } from './except-health.ts'

const NAMESPACE = 'security/bot-detector'
/** Of endpoints, too: scripts that count bots look for KrakenD's line. */
const LOG_NAME = '[SERVICE: Gin][Botdetector]'
const FORBIDDEN: Reply = Object.freeze({ status: 403, headers: [], body: undefined })
/** Verdicts are kept by the whole text, so their number alone would not bound the memory. */
const LONGEST_KEPT = 1024

type IsBot = (userAgent: string) => boolean

/** `security/bot-detector` of the service: 403 to bots on every path, also ones that do not exist, but health. */
export const botDetectorOfService: ServiceFeature = {
  namespace: NAMESPACE,
  isBehindRouter: true,
  prepare(config, place, scope) {
    return exceptHealth(refuseBots(detector(config, pathOf(NAMESPACE, place)), scope.log), place)
  },
}

/** `security/bot-detector` of an endpoint: the first thing a client has to pass there. */
export const botDetector: HandlerFeature = {
  namespace: NAMESPACE,
  prepare: (config, place, scope) =>
    refuseBots(detector(config, pathOf(NAMESPACE, place)), scope.log),
}

function refuseBots(isBot: IsBot, log: Logger): Decorator<Handler> {
  return (next) =>
    function detectBots(request, deadline) {
      const userAgent = fromWire(headerValue(request.headers, 'user-agent') ?? '')
      if (!isBot(userAgent)) return next(request, deadline)
      log.error(LOG_NAME, 'bot rejected')
      return Promise.resolve(FORBIDDEN)
    }
}

function detector(config: JsonValue, at: string): IsBot {
  const options = optionsOf(config, at)
  const isBot = judge(options)
  const cacheSize = options.whole('cache_size')
  if (cacheSize < 0)
    throw new ConfigError('a cache cannot have a negative size', {
      path: options.path('cache_size'),
    })
  return cacheSize === 0 ? isBot : remembering(isBot, cacheSize)
}

/** No user agent, then allowed ones, then denied ones, then patterns: the first that applies decides. */
function judge(options: Options): IsBot {
  const isEmptyBot = options.flag('empty_user_agent_is_bot')
  const allowed = new Set(options.texts('allow'))
  const denied = new Set(options.texts('deny'))
  const patterns = options
    .texts('patterns')
    .map((source, index) => linearPattern(source, `${options.path('patterns')}[${index}]`))
  return (userAgent) => {
    if (userAgent === '') return isEmptyBot
    if (allowed.has(userAgent)) return false
    return denied.has(userAgent) || patterns.some((matches) => matches(userAgent))
  }
}

/** Keeps the verdicts asked for last. */
function remembering(isBot: IsBot, size: number): IsBot {
  const verdicts = new Map<string, boolean>()
  return (userAgent) => {
    if (userAgent.length > LONGEST_KEPT) return isBot(userAgent)
    const known = verdicts.get(userAgent)
    if (known !== undefined) verdicts.delete(userAgent)
    else if (verdicts.size >= size) verdicts.delete(verdicts.keys().next().value as string)
    const verdict = known ?? isBot(userAgent)
    verdicts.set(userAgent, verdict)
    return verdict
  }
}
