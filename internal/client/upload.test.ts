import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { upload } from './upload.ts'

const CHUNK_BYTES = 64 << 10

/** A source as Node's HTTP server has it: every chunk alone in its memory. */
function arriving(count: number): { source: IncomingMessage; chunks: readonly Buffer[] } {
  const source = new IncomingMessage(new Socket())
  source._read = () => {}
  const chunks = Array.from({ length: count }, () => Buffer.from(new ArrayBuffer(CHUNK_BYTES)))
  for (const chunk of chunks) source.push(chunk)
  source.push(null)
  return { source, chunks }
}

const isFree = (chunk: Buffer): boolean => chunk.length === 0

/** Takes one chunk and pauses, as undici does when its socket is full. */
function pausing(stream: Readable): () => number {
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    stream.pause()
  })
  return () => bytes
}

describe('upload', () => {
  test('loses nothing when its source closes after its end while the upstream still reads', async () => {
    const source = new PassThrough()
    source.end(Buffer.alloc(CHUNK_BYTES))
    const stream = upload(source)
    const taken = pausing(stream)
    stream.pause()
    stream.read(0)
    await once(source, 'close')
    assert.equal(taken(), 0)
    stream.resume()
    await once(stream, 'end')
    assert.equal(taken(), CHUNK_BYTES)
  })

  test('fails when its source closes before its end', async () => {
    const source = new PassThrough()
    const stream = upload(source)
    stream.resume()
    source.write(Buffer.alloc(10))
    await turn()
    source.destroy()
    const [error] = await once(stream, 'error')
    assert.match(error.message, /went away/)
  })

  test("frees a chunk's memory when the upstream's socket took it, and not before", async () => {
    const { source, chunks } = arriving(3)
    const stream = upload(source)
    const taken = pausing(stream)
    await turn()
    assert.deepEqual([taken(), chunks.map(isFree)], [CHUNK_BYTES, [false, false, false]])
    stream.resume()
    await turn()
    assert.deepEqual([taken(), chunks.map(isFree)], [2 * CHUNK_BYTES, [true, false, false]])
    stream.resume()
    await turn()
    assert.deepEqual([taken(), chunks.map(isFree)], [3 * CHUNK_BYTES, [true, true, false]])
  })

  test('holds on to few chunks of an upload that never pauses', async () => {
    const { source, chunks } = arriving(100)
    const stream = upload(source)
    let taken = 0
    stream.on('data', () => {
      if (++taken === chunks.length) stream.pause()
    })
    while (taken < chunks.length) await turn()
    stream.resume()
    assert.equal(chunks.filter(isFree).length, 32)
  })

  test('leaves memory alone that somebody else reads too', async () => {
    const { source, chunks } = arriving(2)
    await leavesAlone(source, chunks, () => source.on('data', () => {}))
  })

  test('leaves memory alone that others made', async () => {
    const made = [Buffer.from(new ArrayBuffer(CHUNK_BYTES)), Buffer.alloc(CHUNK_BYTES)]
    await leavesAlone(Readable.from(made), made)
  })
})

async function leavesAlone(
  source: NodeJS.ReadableStream,
  chunks: readonly Buffer[],
  begun?: () => unknown,
): Promise<void> {
  const stream = upload(source)
  const taken = pausing(stream)
  begun?.()
  while (taken() < CHUNK_BYTES) await turn()
  stream.resume()
  while (taken() < 2 * CHUNK_BYTES) await turn()
  assert.deepEqual(chunks.map(isFree), [false, false])
}
