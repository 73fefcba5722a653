import type { RequestBody } from './pipe.ts'

const SIZE = Symbol('how many bytes the client announced')
type Announced = { [SIZE]?: number }

/** Notes what a client announced of its body (`Content-Length`), for whoever must decide before reading it. */
export function announceSize(body: object, sizeBytes: number): void {
  ;(body as Announced)[SIZE] = sizeBytes
}

/** The size of a body in bytes; `undefined` when nobody knows before its end. */
export function bodySize(body: RequestBody): number | undefined {
  if (body === undefined) return 0
  return Buffer.isBuffer(body) ? body.length : (body as Announced)[SIZE]
}
