import { GatewayError } from '../../../errors.ts'
import { Api, type Calling, type Kind } from './api/api.ts'
import { type Custom, CustomError, customError, customIn } from './api/custom-error.ts'
import { fromScript } from './api/text.ts'
import type { Part } from './chunks.ts'
import { compile } from './compile/compile.ts'
import { SyntaxProblem } from './language/syntax-error.ts'
import { type Libraries, Modules } from './library/modules.ts'
import { caught } from './library/protect.ts'
import { Budget } from './machine/budget.ts'
import { Machine } from './machine/machine.ts'
import { Closure, type LuaError, NONE, type Running, type Value } from './machine/values.ts'

/** What all executions of a script have in common. */
export type Language = {
  readonly libraries: Libraries
  readonly kinds: ReadonlyMap<string, Kind>
  /** What a gateway adds to the globals. */
  readonly names: readonly string[]
  readonly hasOpenLibs: boolean
  readonly print: (line: string) => void
}

/** One run of a script for one request, from `pre` to `post`: a state of its own, so nothing outlives it. */
export class Execution {
  readonly api: Api
  readonly #machine: Machine
  readonly #language: Language

  constructor(language: Language, calling: Calling) {
    this.#language = language
    this.api = new Api(language.kinds, calling)
    const modules = new Modules(language.libraries, {
      keys: language.names,
      make: (name) => this.#ownGlobal(name),
    })
    this.#machine = new Machine(modules.globals, {
      modules,
      budget: new Budget(calling.deadline),
      print: (line) => language.print(fromScript(line)),
      compile: (source, name) => compile(source, { name, place: (line) => `${name}:L${line}` }),
    })
    if (language.hasOpenLibs) this.#machine.openText()
  }

  #ownGlobal(name: string): Value {
    return name === 'custom_error' ? customError : this.api.table(name)
  }

  /** Something that scripts can load from now on, whatever they did with its name. */
  offer(kind: string, subject: unknown): void {
    this.api.offer(kind, subject)
  }

  /** Whatever scripts did with the gateway's names, the next part finds them as they were. */
  #restoreNames(): void {
    const { globals } = this.#machine
    if (globals.map === undefined) return
    for (const name of this.#language.names) {
      const own = this.#ownGlobal(name)
      if (own !== undefined) globals.restore(name, own)
    }
  }

  /** Runs one part. Fails with what the client gets. */
  *run(part: Part): Running<void> {
    if (part === undefined) return
    this.#restoreNames()
    if (part.code instanceof SyntaxProblem)
      throw failure(`${part.code.message} (${part.chunk.place(part.code.line)})`)
    const machine = this.#machine
    try {
      yield* machine.call(new Closure(machine.globals, part.code, 0), NONE)
    } catch (thrown) {
      throw thrown instanceof GatewayError ? thrown : this.#explained(caught(thrown, machine))
    }
  }

  #explained(error: LuaError): GatewayError {
    if (error instanceof CustomError) return customFailure(error.custom)
    const { site, value } = error
    const text = this.#machine.print(value)
    const placed = /^(.*?):\d*: ?/.exec(text)
    const isPlaced = typeof value === 'string' && placed?.[1] === site.chunk.name
    const said = isPlaced ? text.slice(placed[0].length).trim() : text
    const custom = customIn(said)
    if (custom !== undefined) return customFailure(custom)
    const place = isPlaced ? site.chunk.place(site.line) : ''
    const message = fromScript(said)
    return failure(place === '' ? message : `${message} (${place})`)
  }

  /** Lets go of what the script has left open. */
  close(): void {
    this.api.close()
  }
}

const failure = (message: string): GatewayError => new GatewayError('component', { message })

const customFailure = ({ message, status, contentType }: Custom): GatewayError =>
  new GatewayError('component', {
    message: fromScript(message),
    status,
    contentType: contentType === undefined ? undefined : fromScript(contentType),
  })
