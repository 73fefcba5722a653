import { bodyOf } from '../pipe/collect.ts'
import { headerValue } from '../pipe/headers.ts'
import type { BodyStream, HeaderList } from '../pipe/pipe.ts'
import { contentTypeOf } from './content-type.ts'
import { type FoundFile, fileBody } from './folder.ts'

/** An answer made of a file. */
export type FileAnswer = {
  readonly status: number
  readonly headers: HeaderList
  readonly body: BodyStream | undefined
}

type Part = { readonly start: number; readonly length: number }

/**
 * Answers GET and HEAD with a file, or part of it, as RFC 9110 has it: `If-None-Match` and `If-Modified-Since` may
 * leave it out (304), `Range` asks for a part (206, 416), several parts get all of it.
 */
export function answerFile(file: FoundFile, asked: HeaderList): FileAnswer {
  const etag = `"${file.sizeBytes.toString(16)}-${Math.floor(file.changedMs).toString(16)}"`
  const changed = new Date(Math.floor(file.changedMs / 1000) * 1000)
  const validators = [
    'Etag',
    etag,
    'Last-Modified',
    changed.toUTCString(),
    'Accept-Ranges',
    'bytes',
  ]
  if (isKnown(asked, etag, changed)) return { status: 304, headers: validators, body: undefined }
  const type = ['Content-Type', contentTypeOf(file.path) ?? 'application/octet-stream']
  const headers = [...validators, ...type, 'X-Content-Type-Options', 'nosniff']
  const size = file.sizeBytes
  const part = mayTakePart(asked, etag, changed) ? partOf(headerValue(asked, 'range'), size) : 'all'
  if (part === 'none')
    return {
      status: 416,
      headers: [...validators, 'Content-Range', `bytes */${size}`],
      body: undefined,
    }
  if (part === 'all') return whole(file, headers)
  const { start, length } = part
  return {
    status: 206,
    headers: [
      ...headers,
      ...['Content-Range', `bytes ${start}-${start + length - 1}/${size}`],
      ...['Content-Length', String(length)],
    ],
    body: fileBody(file, start, length),
  }
}

const whole = (file: FoundFile, headers: HeaderList): FileAnswer => ({
  status: 200,
  headers: [...headers, 'Content-Length', String(file.sizeBytes)],
  body: fileBody(file, 0, file.sizeBytes),
})

/** Whether the client has this very file already. */
function isKnown(asked: HeaderList, etag: string, changed: Date): boolean {
  const tags = headerValue(asked, 'if-none-match')
  if (tags !== undefined)
    return tags.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
  const since = Date.parse(headerValue(asked, 'if-modified-since') ?? '')
  return !Number.isNaN(since) && changed.getTime() <= since
}

/** `If-Range`: a part makes sense only beside other parts of the same file. */
function mayTakePart(asked: HeaderList, etag: string, changed: Date): boolean {
  const ifRange = headerValue(asked, 'if-range')
  return ifRange === undefined || ifRange === etag || Date.parse(ifRange) === changed.getTime()
}

/** The one part that `Range` asks for; `all` without one that is readable, `none` when there is no such part. */
function partOf(range: string | undefined, size: number): Part | 'all' | 'none' {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || from + to === '') return 'all'
  if (from === '') {
    const length = Math.min(Number(to), size)
    return length === 0 ? 'none' : { start: size - length, length }
  }
  const start = Number(from)
  if (to !== '' && Number(to) < start) return 'all'
  if (start >= size) return 'none'
  return { start, length: (to === '' ? size : Math.min(Number(to) + 1, size)) - start }
}

/** The same for HEAD: what is told of a body, without it. */
export const withoutBody = (answer: FileAnswer): FileAnswer =>
  answer.body === undefined ? answer : { ...answer, body: bodyOf(NOTHING) }
const NOTHING = Buffer.alloc(0)
