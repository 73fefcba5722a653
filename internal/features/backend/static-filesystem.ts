import type { Send, UpstreamReply } from '../../client/client.ts'
import { ConfigError } from '../../errors.ts'
import { bodyOf } from '../../pipe/collect.ts'
import { headerValue } from '../../pipe/headers.ts'
import { decodePercent } from '../../pipe/percent.ts'
import type { HeaderList } from '../../pipe/pipe.ts'
import { type FileAnswer, withoutBody } from '../../static-files/answer-file.ts'
import { type Site, siteAt } from '../../static-files/site.ts'
import { type CallFeature, pathOf } from '../feature.ts'

const NAMESPACE = 'backend/static-filesystem'
/** What only makes sense for a client that gets the file as it is. */
const ONLY_WHOLE: HeaderList = Object.freeze([])

/**
 * `backend/static-filesystem`: a file of a folder instead of an upstream's answer: the one at `url_pattern`. With
 * `no-op` it goes out with ranges and entity tags, otherwise it is decoded like any answer.
 */
export const staticFolder: CallFeature = {
  namespace: NAMESPACE,
  prepare(config, place) {
    const site = siteOf(config, pathOf(NAMESPACE, place))
    const passes = place.backend.encoding === 'no-op'
    return () => fromSite(site, passes)
  },
}

function siteOf(config: unknown, at: string): Site {
  if (typeof config !== 'object' || config === null)
    throw new ConfigError('must be an object', { path: at })
  const { path, directory_listing: lists = false } = config as Record<string, unknown>
  if (typeof path !== 'string' || path === '')
    throw new ConfigError('must name a folder', { path: `${at}.path` })
  if (typeof lists !== 'boolean')
    throw new ConfigError('must be true or false', { path: `${at}.directory_listing` })
  try {
    return siteAt(path, { lists })
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), {
      path: `${at}.path`,
    })
  }
}

function fromSite(site: Site, passes: boolean): Send {
  return async function sendFile({ method, path, headers }) {
    if (method !== 'GET' && method !== 'HEAD') return reply(NOT_ALLOWED)
    const decoded = decodePercent(path.replace(/\?.*$/s, ''))
    if (typeof decoded !== 'string') return reply(NOT_FOUND)
    const answer = await site.answer(decoded, passes ? headers : ONLY_WHOLE)
    // A redirect would be followed by the gateway, not by the client: the folder's index is meant.
    const found =
      answer?.status === 301
        ? await site.answer(`${decoded}/`, passes ? headers : ONLY_WHOLE)
        : answer
    const whole = found ?? NOT_FOUND
    return reply(method === 'HEAD' ? withoutBody(whole) : whole)
  }
}

const NOT_FOUND: FileAnswer = { status: 404, headers: [], body: undefined }
const NOT_ALLOWED: FileAnswer = { status: 405, headers: ['Allow', 'GET, HEAD'], body: undefined }

const reply = ({ status, headers, body }: FileAnswer): UpstreamReply => ({
  status,
  header: (lowerName) => headerValue(headers, lowerName),
  headerList: () => headers,
  body: body ?? bodyOf(Buffer.alloc(0)),
})
