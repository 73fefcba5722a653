import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { parseWrk, type WrkResult } from '../test/support/wrk.ts'
import { pinned } from './cores.ts'
import type { Exchange } from './exchange.ts'
import { requireProgram } from './programs/find-program.ts'

const execute = promisify(execFile)
const CONNECTIONS = 64

export type Load = {
  readonly port: number
  readonly seconds: number
  readonly cores: readonly number[]
  /** A script that `writeScript` wrote. */
  readonly script: string
}

/** Loads a gateway over 64 connections. A reply that is no success fails the bench. */
export async function load({ port, seconds, cores, script }: Load): Promise<WrkResult> {
  const threads = Math.max(1, Math.floor(cores.length / 2))
  const [program = '', ...words] = [
    ...pinned(cores),
    ...[requireProgram('wrk'), '-t', threads, '-c', CONNECTIONS, '-d', `${seconds}s`],
    ...['--latency', '-s', script, `http://127.0.0.1:${port}/`],
  ].map(String)
  const { stdout } = await execute(program, words)
  // wrk pads a column with blanks when its figures get long
  const result = parseWrk(stdout.replaceAll(/ +$/gm, ''))
  if (result.non2xx > 0 || result.socketErrors > 0 || result.requests === 0)
    throw new Error(`replies failed:\n${result.text}`)
  return result
}

/** Writes the script that sends an exchange's requests in turn; they are built before the first is sent. */
export async function writeScript(folder: string, exchange: Exchange): Promise<string> {
  const script = path.join(folder, 'requests.lua')
  await writeFile(script, scriptOf(exchange))
  return script
}

function scriptOf({ method, body, headers = {}, sent }: Exchange): string {
  const rows = sent.map(
    (one) => `{${luaText(one.path)}, ${luaTable({ ...headers, ...one.headers })}}`,
  )
  return `local rows = {
${rows.join(',\n')}
}
local requests, last = {}, 0
function init()
  for index, row in ipairs(rows) do
    requests[index] = wrk.format(${luaText(method)}, row[1], row[2], ${body === undefined ? 'nil' : luaText(body)})
  end
end
function request()
  last = last % #requests + 1
  return requests[last]
end
`
}

function luaTable(values: Readonly<Record<string, string>>): string {
  const rows = Object.entries(values).map(([name, value]) => `[${luaText(name)}]=${luaText(value)}`)
  return `{${rows.join(',')}}`
}

/** JSON's escapes of printable ASCII are Lua's as well, and the bench sends nothing else. */
const luaText = (text: string): string => JSON.stringify(text)
