import { isIP } from 'node:net'
import type { JsonObject } from '../pipe/pipe.ts'
import { objectIn, rootDocument } from './document.ts'
import { judgeNamespaces, type NamespaceRules } from './namespaces.ts'
import { wrongRouterTypes } from './normalise-router.ts'
import { type Judged, shown } from './problem.ts'
import { judge } from './rules.ts'
import { documentSchema } from './schemas.ts'
import type { Validation } from './validation.ts'
import { judgeViolations } from './violations.ts'

export type JudgeOptions = Omit<NamespaceRules, 'places'>

/** Everything that is wrong or odd about a decoded document: KrakenD's rules, the namespaces, the schema. */
export function judgeDocument(
  document: JsonObject,
  validation: Validation,
  options: JudgeOptions,
): Judged {
  const root = rootDocument(document)
  const judged = judge(root)
  judgeNamespaces(root, { ...options, places: validation.places }, judged)
  if (!validation.validate(document)) {
    judgeViolations(document, validation.validate.errors ?? [], documentSchema, judged)
  }
  judgeRouter(document, judged)
  return judged
}

/** The schema names each wrong option; this says what it costs. */
function judgeRouter(document: JsonObject, { errors, warnings }: Judged): void {
  const router = objectIn(rootDocument(document).extra_config, 'router')
  const proxies = router?.trusted_proxies
  for (const [at, proxy] of (Array.isArray(proxies) ? proxies : []).entries()) {
    if (typeof proxy !== 'string' || isNetwork(proxy)) continue
    errors.push({
      path: ['extra_config', 'router', 'trusted_proxies', at],
      message: `invalid network ${shown(proxy)}`,
      allowed: 'an address such as 10.0.0.1, or a block such as 10.0.0.0/8',
    })
  }
  const lost = router === undefined ? [] : wrongRouterTypes(router)
  const [first] = lost
  if (first === undefined) return
  warnings.push({
    path: ['extra_config', 'router', first.key],
    message: 'a router option of an impossible type',
    effect:
      'as in KrakenD, redirects, 405, client address, return_error_msg and hide_version_header have their defaults',
    isSevere: true,
  })
}

/** An address, or one with a prefix length. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0 || address.includes('%')) return false
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
  )
}
