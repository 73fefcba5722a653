import { type Answer, failure } from '../message.ts'

const PARTIAL = 206
const NOT_SATISFIABLE = 416

export type Range = { readonly start: number; readonly end: number }

/** The ranges that `Range` asks for, of `size` bytes; `undefined` when they cannot be had. Fails when it is unreadable. */
export function rangesOf(header: string, size: number): readonly Range[] | undefined {
  const ranges: Range[] = []
  for (const part of header
    .toLowerCase()
    .replace(/^[bytes=]+/, '')
    .split(',')) {
    const numbers = (part.endsWith('-') ? `${part}${size - 1}` : part).split('-')
    if (numbers.length !== 2) return undefined
    const [start, end] = numbers.map(wholeNumber) as [number, number]
    if (start > end || end >= size) return undefined
    ranges.push({ start, end })
  }
  return ranges.length > MAX_RANGES ? undefined : ranges
}
/** More of them in one answer only help who wants it to be large. */
const MAX_RANGES = 16

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text.trim())) return Number(text)
  throw failure(`the Range has ${JSON.stringify(text)} in the place of a number`)
}

/** How `Content-Range` names it. */
export const contentRange = ({ start, end }: Range, size: number): string =>
  `bytes ${start}-${end}/${size}`

/** The one part that an answer is to have, with its status and headers set; `undefined` for none. */
export function partOf(
  answer: Answer,
  size: number,
): { readonly start: number; readonly length: number } | undefined {
  const header = answer.call.headers.first('Range')
  if (header === '') return { start: 0, length: size }
  const ranges = rangesOf(header, size)
  const [only] = ranges ?? []
  if (only === undefined) {
    answer.status = NOT_SATISFIABLE
    return undefined
  }
  // Several ranges of a file: all of it is an allowed answer to that (RFC 9110, 14.2).
  if (ranges?.length !== 1) return { start: 0, length: size }
  answer.status = PARTIAL
  answer.headers.set('Content-Range', contentRange(only, size))
  return { start: only.start, length: only.end - only.start + 1 }
}
