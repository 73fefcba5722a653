import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { upload } from './upload.ts'

const CHUNK_BYTES = 64 << 10

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
})
