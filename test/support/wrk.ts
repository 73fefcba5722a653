import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const TO_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

export type WrkOptions = {
  readonly url: string
  readonly seconds: number
  /** 64 unless told. */
  readonly connections?: number
  readonly threads?: number
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** After how long a request counts as failed; 2 unless told. */
  readonly timeoutSeconds?: number
  /** Ends the load when it resolves, if that is before `seconds` are over. */
  readonly until?: Promise<unknown>
}

export type WrkResult = {
  /** Answered requests. */
  readonly requests: number
  readonly requestsPerSecond: number
  readonly non2xx: number
  /** Connect, read, write and time-out errors together. */
  readonly socketErrors: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** What wrk printed. */
  readonly text: string
}

/** Loads `url` with wrk. Tests that use it skip without it: `{ skip: serverOrSkip('wrk').skip }`. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const {
    url,
    seconds,
    connections = 64,
    threads = 1,
    method = 'GET',
    body,
    headers = {},
    timeoutSeconds = 2,
    until,
  } = options
  const dir = await mkdtemp(path.join(os.tmpdir(), 'wrk-'))
  try {
    const script = path.join(dir, 'request.lua')
    await writeFile(script, requestScript(method, body, headers))
    const args = [
      '-t',
      threads,
      '-c',
      connections,
      '-d',
      `${seconds}s`,
      '--timeout',
      `${timeoutSeconds}s`,
      '--latency',
      '-s',
      script,
      url,
    ]
    const running = execute('wrk', args.map(String))
    // wrk takes SIGINT for the end of its time, and prints its result.
    void until?.then(() => running.child.kill('SIGINT'))
    const { stdout } = await running
    return parseWrk(stdout)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Reads wrk's own output. */
export function parseWrk(text: string): WrkResult {
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  return {
    requests: numberOf(/(\d+) requests in/, text),
    requestsPerSecond: numberOf(/Requests\/sec:\s+([\d.]+)/, text),
    non2xx: numberOf(/Non-2xx or 3xx responses: (\d+)/, text, 0),
    socketErrors: (errors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0),
    p50Ms: latencyOf('50', text),
    p99Ms: latencyOf('99', text),
    text,
  }
}

function numberOf(pattern: RegExp, text: string, otherwise?: number): number {
  const found = pattern.exec(text)?.[1]
  if (found !== undefined) return Number(found)
  if (otherwise !== undefined) return otherwise
  throw new Error(`wrk printed something else:\n${text}`)
}

function latencyOf(percent: string, text: string): number {
  const [, value, unit = ''] =
    new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m|h) *$`, 'm').exec(text) ?? []
  const factor = TO_MS[unit]
  if (factor === undefined) throw new Error(`wrk printed no latency:\n${text}`)
  return Number(value) * factor
}

function requestScript(
  method: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): string {
  return [
    `wrk.method = ${luaText(method)}`,
    ...(body === undefined ? [] : [`wrk.body = ${luaText(body)}`]),
    ...Object.entries(headers).map(
      ([name, value]) => `wrk.headers[${luaText(name)}] = ${luaText(value)}`,
    ),
  ].join('\n')
}

/** A Lua string literal: every byte that is no plain character as `\ddd`. */
const luaText = (text: string): string =>
  `"${[...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\${String(byte).padStart(3, '0')}`,
    )
    .join('')}"`
