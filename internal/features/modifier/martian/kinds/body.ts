import { randomBytes } from 'node:crypto'
import { discard } from '../../../../client/redirect.ts'
import { bodyOf } from '../../../../pipe/collect.ts'
import type { Answer } from '../message.ts'
import type { Modifier } from '../modifier.ts'
import type { Settings } from '../settings.ts'
import { contentRange, type Range, rangesOf } from './range.ts'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const PARTIAL = 206
const NOT_SATISFIABLE = 416

/** Replaces a body and its type. An answer honours the request's `Range`. */
export function body(settings: Settings): Modifier {
  const bytes = bytesOf(settings)
  const contentType = settings.headerValue('contentType')
  const boundary = randomBytes(30).toString('hex')
  return {
    call(call) {
      call.headers.set('Content-Type', contentType)
      call.headers.remove('Content-Encoding')
      call.replaceBody(bytes)
    },
    answer(answer) {
      const range = answer.call.headers.first('Range')
      const ranges = range === '' ? undefined : rangesOf(range, bytes.length)
      discard(answer.toReply())
      answer.headers.set('Content-Type', contentType)
      answer.headers.remove('Content-Encoding')
      if (range === '') replace(answer, bytes)
      else replaceByRanges(answer, ranges, { bytes, contentType, boundary })
    },
  }
}

function bytesOf(settings: Settings): Buffer {
  const text = settings.text('body').replace(/[\r\n]/g, '')
  if (!BASE64.test(text)) throw settings.wrong('body', 'no base64')
  return Buffer.from(text, 'base64')
}

const replace = (answer: Answer, bytes: Buffer): void =>
  answer.replaceBody(bodyOf(bytes), bytes.length)

type Whole = { readonly bytes: Buffer; readonly contentType: string; readonly boundary: string }

function replaceByRanges(
  answer: Answer,
  ranges: readonly Range[] | undefined,
  { bytes, contentType, boundary }: Whole,
): void {
  const [only] = ranges ?? []
  if (ranges === undefined || only === undefined) {
    answer.status = NOT_SATISFIABLE
    return replace(answer, Buffer.alloc(0))
  }
  answer.status = PARTIAL
  if (ranges.length === 1) {
    answer.headers.set('Content-Range', contentRange(only, bytes.length))
    return replace(answer, bytes.subarray(only.start, only.end + 1))
  }
  const parts = ranges.flatMap((range, at) => [
    Buffer.from(
      `${at === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Range: ${contentRange(range, bytes.length)}\r\nContent-Type: ${contentType}\r\n\r\n`,
    ),
    bytes.subarray(range.start, range.end + 1),
  ])
  answer.headers.set('Content-Type', `multipart/byteranges; boundary=${boundary}`)
  replace(answer, Buffer.concat([...parts, Buffer.from(`\r\n--${boundary}--\r\n`)]))
}
