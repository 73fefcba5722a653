import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { JsonObject, JsonValue } from '../../internal/pipe/pipe.ts'
import { freePort } from '../support/free-port.ts'
import { type GatewayProcess, launchGateway } from '../support/gateway-process.ts'
import { differences } from './compare.ts'
import { countStatuses, describeReply, describeSeen } from './describe.ts'
import { sendRequest } from './send.ts'
import type { Send, Spec, Step } from './spec.ts'
import { type SeenRequest, startUpstream } from './upstreams.ts'
import { fill, fillText, type Words } from './words.ts'

const EXIT_LIMIT_MS = 20_000
/** How long a call that is still missing at an upstream may take to arrive there. */
const LATE_CALL_LIMIT_MS = 300
/** The slower of `concurrent_calls` may arrive after the reply has left: not to be counted to the next step. */
const CONCURRENT_CALLS_SETTLE_MS = 30
const POLL_MS = 10

/** What a case showed: an empty list of problems is a pass. */
export type Outcome = { readonly problems: readonly string[]; readonly output: string }

/** Runs one case in a folder and with upstreams of its own, against the real command. */
export async function runCase(spec: Spec, workers: number): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(path.join(os.tmpdir(), 'gateway-spec-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const seen: SeenRequest[] = []
  const words = await startUpstreams(spec, dir, (request) => seen.push(request), stack)
  const gateway = await startGateway(spec, words, dir, workers)
  stack.defer(() => gateway.kill())
  if (spec.expectExit !== undefined) return await checkExit(spec, gateway)
  if (!(await gateway.listening(Number(words['gateway.port']))))
    return { problems: ['the gateway did not start'], output: gateway.output() }
  const problems: string[] = []
  const settleMs = textOf(spec.config).includes('concurrent_calls') ? CONCURRENT_CALLS_SETTLE_MS : 0
  for (const [at, step] of (spec.requests ?? []).entries())
    problems.push(...(await checkStep({ settleMs, ...step }, at + 1, words, seen)))
  problems.push(...unmatched(spec, gateway.output()))
  return { problems, output: gateway.output() }
}

async function startUpstreams(
  spec: Spec,
  dir: string,
  see: (request: SeenRequest) => void,
  stack: AsyncDisposableStack,
): Promise<Words> {
  const port = String(await freePort())
  const words: Record<string, string> = {
    'gateway.port': port,
    gateway: `http://127.0.0.1:${port}`,
    dir,
  }
  for (const [name, routes] of Object.entries(spec.upstreams ?? {})) {
    const upstream = await startUpstream(name, routes, see)
    stack.defer(() => upstream.close())
    words[name] = `http://127.0.0.1:${upstream.port}`
    words[`${name}.port`] = String(upstream.port)
  }
  for (const name of spec.ports ?? []) words[`${name}.port`] = String(await freePort())
  return words
}

async function startGateway(
  spec: Spec,
  words: Words,
  dir: string,
  workers: number,
): Promise<GatewayProcess> {
  const file = path.join(dir, spec.configFile ?? 'krakend.json')
  await writeFile(file, configText(spec, words))
  for (const [name, content] of Object.entries(spec.files ?? {}))
    await writeFile(path.join(dir, name), textOf(fill(content, words)))
  const args = spec.args ?? ['run', '-c', '{config}']
  return launchGateway({
    args: args.map((arg) => fillText(arg, { ...words, config: file })),
    dir,
    env: fill({ ...spec.env }, words) as Record<string, string>,
    workers,
  })
}

function configText(spec: Spec, words: Words): string {
  const config = fill(spec.config, words)
  return typeof config === 'string'
    ? config
    : JSON.stringify({ port: Number(words['gateway.port']), ...(config as JsonObject) })
}

const textOf = (content: JsonValue): string =>
  typeof content === 'string' ? content : JSON.stringify(content)

async function checkExit(spec: Spec, gateway: GatewayProcess): Promise<Outcome> {
  const limit = setTimeout(() => gateway.child.kill('SIGKILL'), EXIT_LIMIT_MS)
  const code = await gateway.exited
  clearTimeout(limit)
  const exit = code === 0 ? 'ok' : code === 'SIGKILL' ? 'still running' : 'failed'
  const problems =
    exit === spec.expectExit ? [] : [`exit: expected ${spec.expectExit}, got ${exit}`]
  return { problems: [...problems, ...unmatched(spec, gateway.output())], output: gateway.output() }
}

async function checkStep(
  step: Step,
  number: number,
  words: Words,
  seen: SeenRequest[],
): Promise<string[]> {
  if (step.waitMs !== undefined) await wait(step.waitMs)
  seen.length = 0
  const port = Number(words[`${step.to ?? 'gateway'}.port`])
  const send = fill({ ...step.send } as JsonObject, words) as Send
  const replies = await Promise.all(
    Array.from({ length: step.times ?? 1 }, () => sendRequest(port, send)),
  )
  if (step.settleMs) await wait(step.settleMs)
  const ignored = step.ignoreHeaders ?? []
  const [first] = replies
  const got =
    step.times !== undefined || first === undefined
      ? countStatuses(replies)
      : describeReply(first, words, ignored)
  const problems = differences(step.expect, got, `request ${number} ${step.send.path}`)
  if (step.skipSaw === true || step.saw === undefined) return problems
  await lateCalls(seen, step.saw)
  return [
    ...problems,
    ...differences(step.saw, describeSeen(seen, words, ignored), `request ${number} saw`),
  ]
}

function unmatched(spec: Spec, output: string): string[] {
  return (spec.outputMatches ?? [])
    .filter((pattern) => !new RegExp(pattern, 's').test(output))
    .map((pattern) => `output does not match /${pattern}/`)
}

async function lateCalls(seen: readonly SeenRequest[], expected: JsonValue): Promise<void> {
  const count = Array.isArray(expected) ? expected.length : 0
  for (let waitedMs = 0; seen.length < count && waitedMs < LATE_CALL_LIMIT_MS; waitedMs += POLL_MS)
    await wait(POLL_MS)
}
