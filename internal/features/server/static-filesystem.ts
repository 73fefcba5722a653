import { ConfigError } from '../../errors.ts'
import { decodePercent } from '../../pipe/percent.ts'
import type { Reply } from '../../pipe/pipe.ts'
import { type FileAnswer, withoutBody } from '../../static-files/answer-file.ts'
import { type Site, siteAt } from '../../static-files/site.ts'
import { pathOf, type ServiceFeature } from '../feature.ts'

const NAMESPACE = 'server/static-filesystem'

/**
 * `server/static-filesystem`: files of a folder for every path below `prefix`, which then never reaches an endpoint,
 * except below those of `skip`.
 */
export const staticSite: ServiceFeature = {
  namespace: NAMESPACE,
  prepare(config) {
    const { prefix, skip, site } = optionsOf(config, pathOf(NAMESPACE, {}))
    return (next) =>
      function serveFiles(request, deadline) {
        const path = decodePercent(request.path)
        if (typeof path !== 'string' || !isBelow(path, prefix)) return next(request, deadline)
        if (skip.some((each) => isBelow(path, each))) return next(request, deadline)
        if (request.method !== 'GET' && request.method !== 'HEAD')
          return Promise.resolve(NOT_ALLOWED)
        const wanted = path.slice(prefix.length)
        // `/media` itself is a folder too: links of its index page need the `/` behind it.
        if (wanted === '' && prefix !== '') return Promise.resolve(toFolder(prefix))
        const toReply = request.method === 'HEAD' ? headReply : fileReply
        return site.answer(wanted === '' ? '/' : wanted, request.headers).then(toReply)
      }
  },
}

const isBelow = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')

type Options = {
  /** Without a `/` at its end. */
  readonly prefix: string
  readonly skip: readonly string[]
  readonly site: Site
}

function optionsOf(config: unknown, at: string): Options {
  if (typeof config !== 'object' || config === null)
    throw new ConfigError('must be an object', { path: at })
  const {
    prefix,
    path,
    skip = [],
    directory_listing: lists = false,
  } = config as Record<string, unknown>
  if (!isPath(prefix)) throw wrong(`${at}.prefix`, 'must be a path that starts with /')
  if (typeof path !== 'string' || path === '') throw wrong(`${at}.path`, 'must name a folder')
  if (!Array.isArray(skip) || !skip.every(isPath))
    throw wrong(`${at}.skip`, 'must be a list of paths that start with /')
  if (typeof lists !== 'boolean') throw wrong(`${at}.directory_listing`, 'must be true or false')
  try {
    return { prefix: bare(prefix), skip: skip.map(bare), site: siteAt(path, { lists }) }
  } catch (error) {
    throw wrong(`${at}.path`, error instanceof Error ? error.message : String(error))
  }
}

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('/')
const bare = (path: string): string => path.replace(/\/$/, '')
const wrong = (path: string, message: string): ConfigError => new ConfigError(message, { path })

const NOT_FOUND: Reply = {
  status: 404,
  headers: ['Content-Type', 'text/plain; charset=utf-8'],
  body: '404 page not found',
}
const NOT_ALLOWED: Reply = { status: 405, headers: ['Allow', 'GET, HEAD'], body: undefined }

const toFolder = (prefix: string): Reply => ({
  status: 301,
  headers: ['Location', `./${encodeURIComponent(prefix.slice(prefix.lastIndexOf('/') + 1))}/`],
  body: undefined,
})

const fileReply = (answer: FileAnswer | undefined): Reply => answer ?? NOT_FOUND
const headReply = (answer: FileAnswer | undefined): Reply =>
  answer === undefined ? NOT_FOUND : withoutBody(answer)
