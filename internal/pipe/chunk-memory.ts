/**
 * The memory of chunks on their way. V8 collects what lies outside its heap late: some 75 MB of read buffers, then a
 * whole collection. A large body's chunks are given back as soon as they left; a small body never comes here.
 */

/** Chunks smaller than this are left to the collector. */
const WORTH_BYTES = 8 << 10

const OWNED = Symbol('nothing else lives in this memory')
type Memory = ArrayBufferLike & { [OWNED]?: true }

/** Whether a chunk is large and all of its memory: none of `Buffer`'s shared pool, no part of another chunk. */
export const standsAlone = (chunk: Buffer): boolean =>
  chunk.byteLength >= WORTH_BYTES && chunk.byteLength === chunk.buffer.byteLength

/** Notes that a chunk, when it stands alone, is nobody else's: `isOwned` is true of all parts cut from it. */
export function noteOwned(chunk: Buffer): void {
  if (standsAlone(chunk)) (chunk.buffer as Memory)[OWNED] = true
}

/** Whether a chunk, or what it was cut from, was noted. */
export const isOwned = (chunk: Buffer): boolean => (chunk.buffer as Memory)[OWNED] === true

/** Frees a chunk's memory. Nobody may look at the chunk, or at another part of the same memory, any more. */
export function giveBack(chunk: Buffer): void {
  const { buffer } = chunk
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
}
