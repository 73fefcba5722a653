import { writeSync } from 'node:fs'

/** Takes finished lines; they come out whole, in order, never inside another thread's. */
export type LineWriter = {
  /** `line` without its line end; may hold several lines that belong together. */
  write(line: string): void
  /** Sends what is held now instead of at the end of the tick. */
  flush(): void
  /** Sends what is held, waiting a moment for a slow reader: for the end of the process. */
  close(): void
  /** Lines lost so far because nobody read fast enough. */
  readonly dropped: number
}
export type LineWriterOptions = {
  readonly fd: number
  /** Told how many lines were lost, each time some were. */
  readonly onDropped?: (lines: number) => void
  /** Writes like `fs.writeSync`. */
  readonly writeTo?: (fd: number, bytes: Buffer, from: number, length: number) => number
}

/** What a pipe takes in one piece (PIPE_BUF on Linux): lines of several threads never mix below it. */
const WRITE_BYTES = 4096
/** How much waits for a reader that is slow before lines are dropped. */
const WAITING_WRITES = 256
const RETRY_MS = 10
/** How long the end of the process waits for a slow reader. */
const CLOSE_RETRIES = 50
const CUT_MARK = '...[cut]'

/**
 * Writes lines to a descriptor shared by all threads, batched per tick. A worker's `process.stdout` goes
 * through the main thread; this goes to the descriptor. A line longer than a write is cut.
 */
export function lineWriter(options: LineWriterOptions): LineWriter {
  const { fd, onDropped, writeTo = writeSync } = options
  const batch = Buffer.allocUnsafe(WRITE_BYTES)
  let used = 0
  let linesInBatch = 0
  let waiting: { bytes: Buffer; lines: number }[] = []
  let isPlanned = false
  let retry: NodeJS.Timeout | undefined
  let dropped = 0

  function drop(lines: number): void {
    dropped += lines
    onDropped?.(lines)
  }

  /** Writes all of `bytes`, or returns what could not be written yet. */
  function send(bytes: Buffer): Buffer | undefined {
    let from = 0
    while (from < bytes.length) {
      try {
        from += writeTo(fd, bytes, from, bytes.length - from)
      } catch (thrown) {
        const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
        if (code === 'EINTR') continue
        if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return bytes.subarray(from)
        throw thrown
      }
    }
    return undefined
  }

  /** Puts the batch in line behind what waits. */
  function enqueue(): void {
    if (used === 0) return
    if (waiting.length >= WAITING_WRITES) drop(linesInBatch)
    else waiting.push({ bytes: Buffer.from(batch.subarray(0, used)), lines: linesInBatch })
    used = 0
    linesInBatch = 0
  }

  function sendWaiting(): void {
    retry = undefined
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        const rest = send(next.bytes)
        if (rest !== undefined) {
          next.bytes = rest
          retry = setTimeout(sendWaiting, RETRY_MS)
          return
        }
        waiting.shift()
      }
    } catch {
      // The reader is gone (EPIPE) or the disk is full: a gateway goes on answering without its log.
      drop(waiting.reduce((lines, each) => lines + each.lines, 0))
      waiting = []
    }
  }

  function flush(): void {
    isPlanned = false
    if (waiting.length > 0 || used === 0) {
      enqueue()
      if (retry === undefined && waiting.length > 0) sendWaiting()
      return
    }
    try {
      const rest = send(batch.subarray(0, used))
      if (rest !== undefined) {
        waiting.push({ bytes: Buffer.from(rest), lines: linesInBatch })
        retry ??= setTimeout(sendWaiting, RETRY_MS)
      }
    } catch {
      drop(linesInBatch)
    }
    used = 0
    linesInBatch = 0
  }

  function write(line: string): void {
    let text = `${line}\n`
    // Three bytes at most for each UTF-16 unit: measured only when that might not fit.
    let room = text.length * 3
    if (room > WRITE_BYTES - used) {
      room = Buffer.byteLength(text)
      if (room > WRITE_BYTES) {
        text = cut(line)
        room = Buffer.byteLength(text)
      }
      if (room > WRITE_BYTES - used) flush()
    }
    used += batch.write(text, used)
    linesInBatch++
    if (isPlanned) return
    isPlanned = true
    setImmediate(flush)
  }

  function close(): void {
    flush()
    clearTimeout(retry)
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (let turn = 0; waiting.length > 0 && turn < CLOSE_RETRIES; turn++) {
      sendWaiting()
      clearTimeout(retry)
      if (waiting.length > 0) Atomics.wait(pause, 0, 0, RETRY_MS)
    }
  }

  return {
    write,
    flush,
    close,
    get dropped() {
      return dropped
    },
  }
}

/** As much of `line` as one write holds, with a mark. */
function cut(line: string): string {
  const bytes = Buffer.from(line)
  let end = WRITE_BYTES - CUT_MARK.length - 1
  // Not in the middle of a character: its further bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}${CUT_MARK}\n`
}
