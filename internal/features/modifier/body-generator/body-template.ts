import { readFileSync } from 'node:fs'
import { execute, type World } from '../../../config/template/exec.ts'
import { functions } from '../../../config/template/functions.ts'
import type { Template } from '../../../config/template/nodes.ts'
import { parseTemplate } from '../../../config/template/parser.ts'
import { Dict, Int, List, type Value } from '../../../config/template/value.ts'
import { isRawNumber } from '../../../decode/numbers.ts'
import { ConfigError, GatewayError } from '../../../errors.ts'
import type { JsonValue } from '../../../pipe/pipe.ts'

/** A Go template for bodies, compiled; all functions of the flexible configuration work in it. */
export type BodyTemplate = {
  readonly contentType: string
  /** Logs what the template is given. */
  readonly debug: boolean
  /** Throws a `GatewayError` with Go's words when it cannot be run with these data. */
  render(data: { readonly [name: string]: JsonValue }): string
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const NAME = 'body'

/** Compiles the template that the configuration at `at` holds. Throws a `ConfigError`. */
export function bodyTemplate(config: unknown, at: string, nowMs: () => number): BodyTemplate {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ConfigError('must be an object', { path: at })
  const options = config as Record<string, unknown>
  const { content_type: contentType = 'application/json', debug = false } = options
  if (typeof contentType !== 'string' || /[\x00-\x1f\x7f]/.test(contentType))
    throw new ConfigError('must be a media type', { path: `${at}.content_type` })
  if (typeof debug !== 'boolean')
    throw new ConfigError('must be true or false', { path: `${at}.debug` })
  const world = compiled(sourceOf(options, at), nowMs)
  return {
    contentType,
    debug,
    render(data) {
      try {
        return execute(world, NAME, asValue(data)).text
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        throw new GatewayError('component', { message: `[body generator] ${message}` })
      }
    },
  }
}

type Source = { readonly text: string; readonly file: string; readonly at: string }

function sourceOf({ path, template }: Record<string, unknown>, at: string): Source {
  const isGiven = (value: unknown) => value !== undefined && value !== null && value !== ''
  if (isGiven(path) === isGiven(template))
    throw new ConfigError('needs either path or template', { path: at })
  if (isGiven(template)) {
    if (typeof template !== 'string' || !BASE64.test(template.replace(/\s/g, '')))
      throw new ConfigError('must be base64', { path: `${at}.template` })
    return { text: Buffer.from(template, 'base64').toString(), file: NAME, at: `${at}.template` }
  }
  if (typeof path !== 'string')
    throw new ConfigError('must be the name of a file', { path: `${at}.path` })
  try {
    return { text: readFileSync(path, 'utf8'), file: path, at: `${at}.path` }
  } catch (error) {
    throw new ConfigError(`cannot be read: ${error instanceof Error ? error.message : error}`, {
      path: `${at}.path`,
    })
  }
}

function compiled({ text, file, at }: Source, nowMs: () => number): World {
  const table = functions({ env: process.env, nowMs, include: noPartials })
  const templates = new Map<string, Template>()
  try {
    parseTemplate({ name: NAME, path: file, text }, (name) => table.has(name), templates)
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { path: at })
  }
  return { templates, functions: table }
}

/** Partials belong to the flexible configuration. */
const noPartials = (name: string): string => {
  throw new Error(`include ${JSON.stringify(name)}: a body has no partials`)
}

/** JSON as a template sees it: whole numbers keep all their digits. */
function asValue(value: JsonValue): Value {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? new Int(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (isRawNumber(value)) return rawValue(value.rawJSON)
  if (Array.isArray(value)) return new List(value.map(asValue))
  return new Dict(Object.entries(value).map(([name, each]) => [name, asValue(each)]))
}

/** A number that a double would change: whole ones as such, others as their text. */
const rawValue = (text: string): Value => (/^-?\d+$/.test(text) ? new Int(BigInt(text)) : text)
