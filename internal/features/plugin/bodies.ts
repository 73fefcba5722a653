import { bodyOf, collect } from '../../pipe/collect.ts'
import type { Deadline } from '../../pipe/deadline.ts'
import type { BodyHolder } from '../../pipe/hold-body.ts'
import type { BodyStream, ReplyBody, RequestBody } from '../../pipe/pipe.ts'
import { failure } from './failure.ts'
import type { Body, BodyDraft } from './plugin.ts'

const EMPTY = Buffer.alloc(0)

/** A request's body in a plugin's hands. */
export class IncomingBody implements Body {
  /** Where it is now: held in memory once a plugin read it. */
  raw: RequestBody
  readonly #holder: BodyHolder
  readonly #deadline: Deadline

  constructor(raw: RequestBody, holder: BodyHolder, deadline: Deadline) {
    this.raw = raw
    this.#holder = holder
    this.#deadline = deadline
  }

  async bytes(): Promise<Buffer> {
    this.raw = await this.#holder.hold(this.raw, this.#deadline)
    return (this.raw as Buffer | undefined) ?? EMPTY
  }
}

/** A reply's body in a plugin's hands. */
export class OutgoingBody implements Body {
  raw: ReplyBody
  readonly #maxBytes: number

  constructor(raw: ReplyBody, maxBytes: number) {
    this.raw = raw
    this.#maxBytes = maxBytes
  }

  async bytes(): Promise<Buffer> {
    const { raw } = this
    if (raw === undefined) return EMPTY
    if (typeof raw === 'string') return Buffer.from(raw)
    if (Buffer.isBuffer(raw)) return raw
    const bytes = 'start' in raw ? await collect(raw, this.#maxBytes) : Buffer.concat(raw)
    this.raw = bytes
    return bytes
  }

  /** As a stream, whatever it is now. */
  stream(): BodyStream {
    const { raw } = this
    if (raw === undefined) return bodyOf(EMPTY)
    if (typeof raw === 'string') return bodyOf(Buffer.from(raw))
    if (Buffer.isBuffer(raw)) return bodyOf(raw)
    return 'start' in raw ? raw : bodyOf(Buffer.concat(raw))
  }

  /** Gives it up when nobody reads it. */
  drop(): void {
    if (typeof this.raw === 'object' && 'destroy' in this.raw) this.raw.destroy()
  }
}

/** What a plugin put in the place of a body: the one it was given (of `Kind`), bytes, or nothing. */
export function draftOf<Kind extends Body>(
  draft: BodyDraft,
  given: abstract new (...args: never[]) => Kind,
): Kind | Buffer | undefined {
  if (draft === undefined || draft === null) return undefined
  if (typeof draft === 'string') return Buffer.from(draft)
  if (draft instanceof Uint8Array) return Buffer.from(draft)
  if (draft instanceof given) return draft
  throw failure('returned a body that is neither text, bytes nor the one it was given')
}
