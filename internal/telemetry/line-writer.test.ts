import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { lineWriter } from './line-writer.ts'

/** A descriptor that takes what it has room for, like a pipe whose reader is slow. */
function pipe() {
  const state = { room: Number.POSITIVE_INFINITY, text: '', writes: [] as number[], code: 'EAGAIN' }
  const writeTo = (_fd: number, bytes: Buffer, from: number, length: number): number => {
    const taken = Math.min(state.room, length)
    if (taken === 0) throw Object.assign(new Error(state.code), { code: state.code })
    state.room -= taken
    state.text += bytes.toString('latin1', from, from + taken)
    state.writes.push(taken)
    return taken
  }
  return { state, writeTo }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const lines = (text: string) => Buffer.from(text, 'latin1').toString().split('\n').slice(0, -1)

describe('the line writer', () => {
  it('batches the lines of a tick into one write', async () => {
    const { state, writeTo } = pipe()
    const writer = lineWriter({ fd: 1, writeTo })
    writer.write('one')
    writer.write('zwei ü')
    assert.equal(state.text, '')
    await turn()
    assert.deepEqual(lines(state.text), ['one', 'zwei ü'])
    assert.equal(state.writes.length, 1)
  })

  it('writes at most 4,096 bytes at a time, and whole lines', () => {
    const { state, writeTo } = pipe()
    const writer = lineWriter({ fd: 1, writeTo })
    for (let at = 0; at < 500; at++) writer.write(`${at} ${'ü'.repeat(at)}`)
    writer.flush()
    let end = 0
    for (const length of state.writes) {
      assert.ok(length <= 4096)
      end += length
      assert.equal(state.text[end - 1], '\n')
    }
    assert.deepEqual(
      lines(state.text),
      Array.from({ length: 500 }, (_all, at) => `${at} ${'ü'.repeat(at)}`),
    )
  })

  it('cuts a longer line, between characters, and says so', () => {
    for (const start of ['', 'x', 'xx', 'xxx']) {
      const { state, writeTo } = pipe()
      const writer = lineWriter({ fd: 1, writeTo })
      writer.write(`${start}${'😀'.repeat(3000)}`)
      writer.write('next')
      writer.flush()
      const [cut = '', next] = lines(state.text)
      assert.match(cut, /^x*(😀)+\.\.\.\[cut\]$/u)
      assert.ok(Buffer.byteLength(cut) > 4090)
      assert.equal(next, 'next')
    }
  })

  it('waits for a slow reader without losing or mixing bytes', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const { state, writeTo } = pipe()
    const writer = lineWriter({ fd: 1, writeTo })
    state.room = 5
    writer.write('first line')
    writer.flush()
    writer.write('second line')
    writer.flush()
    state.room = 3
    context.mock.timers.tick(10)
    assert.equal(state.text, 'first li')
    state.room = Number.POSITIVE_INFINITY
    context.mock.timers.tick(10)
    assert.deepEqual(lines(state.text), ['first line', 'second line'])
    assert.equal(writer.dropped, 0)
  })

  it('drops whole lines, and counts them, when a reader stays away', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const { state, writeTo } = pipe()
    let told = 0
    const writer = lineWriter({ fd: 1, writeTo, onDropped: (count) => (told += count) })
    state.room = 0
    for (let at = 0; at < 100_000; at++) writer.write(`${at} ${'x'.repeat(90)}`)
    writer.flush()
    state.room = Number.POSITIVE_INFINITY
    context.mock.timers.tick(10)
    const kept = lines(state.text)
    assert.ok(kept.length > 1000)
    assert.equal(kept.length + writer.dropped, 100_000)
    assert.equal(told, writer.dropped)
    kept.forEach((line, at) => {
      assert.equal(line, `${at} ${'x'.repeat(90)}`)
    })
  })

  it('goes on when the reader is gone', () => {
    const { state, writeTo } = pipe()
    const writer = lineWriter({ fd: 1, writeTo })
    state.room = 0
    state.code = 'EPIPE'
    writer.write('lost')
    writer.flush()
    assert.equal(writer.dropped, 1)
    state.room = Number.POSITIVE_INFINITY
    writer.write('seen')
    writer.flush()
    assert.equal(state.text, 'seen\n')
  })

  it('keeps the lines of four threads whole on a real pipe, to the last', async () => {
    const source = `
      import { Worker, isMainThread, workerData } from 'node:worker_threads'
      import { lineWriter } from ${JSON.stringify(new URL('./line-writer.ts', import.meta.url).href)}
      if (isMainThread) for (const name of 'abcd') new Worker(new URL(import.meta.url), { workerData: name })
      else {
        const writer = lineWriter({ fd: 1 })
        process.on('exit', writer.close)
        for (let at = 0; at < 2000; at++) {
          writer.write(workerData + at + ' ' + workerData.repeat(at % 300))
          if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
        }
      }
    `
    const url = `data:text/javascript,${encodeURIComponent(source)}`
    const child = spawn(process.execPath, ['-e', `import(${JSON.stringify(url)})`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) text += chunk
    const seen = new Map<string, number>()
    for (const line of text.split('\n').slice(0, -1)) {
      const [, name = '', at, letters = ''] = /^([abcd])([0-9]+) (\1*)$/.exec(line) ?? []
      assert.ok(name !== '', `torn: ${line}`)
      assert.equal(Number(at), seen.get(name) ?? 0)
      assert.equal(letters.length, Number(at) % 300)
      seen.set(name, Number(at) + 1)
    }
    assert.deepEqual([...seen.values()], [2000, 2000, 2000, 2000])
  })
})
