import type { Deadline } from '../../../../pipe/deadline.ts'
import type { BodyHolder } from '../../../../pipe/hold-body.ts'
import type { RequestBody } from '../../../../pipe/pipe.ts'
import { textOf } from '../library/arguments.ts'
import type { Machine } from '../machine/machine.ts'
import { Caller, type Native, NONE, type Values } from '../machine/values.ts'
import { method, selfOf } from './api.ts'

type Class<T> = abstract new (...args: never[]) => T

/** What every subject of scripts has: whether a script has changed it. */
export type Changeable = { hasChanged: boolean }

/** A method that reads a text without an argument, and writes it with one. */
export function textProperty<T extends Changeable>(
  type: Class<T>,
  complaint: string,
  read: (self: T) => string,
  write: (self: T, value: string, machine: Machine) => void,
): Native {
  return method(type, complaint, (self, args, machine) => {
    if (args.length === 1) return [read(self)]
    write(self, textOf(machine, args, 2), machine)
    self.hasChanged = true
    return NONE
  })
}

/** A request's body in the hands of a script: read when it is asked for. */
export class BodyText {
  body: RequestBody
  readonly #holder: BodyHolder
  readonly #deadline: Deadline

  constructor(body: RequestBody, holder: BodyHolder, deadline: Deadline) {
    this.body = body
    this.#holder = holder
    this.#deadline = deadline
  }

  get isRead(): boolean {
    return this.body === undefined || Buffer.isBuffer(this.body)
  }

  async read(): Promise<void> {
    this.body = await this.#holder.hold(this.body, this.#deadline)
  }

  get text(): string {
    return Buffer.isBuffer(this.body) ? this.body.toString('latin1') : ''
  }

  set text(value: string) {
    this.body = Buffer.from(value, 'latin1')
  }
}

/** `body()` and `body(text)` of a request. */
export function bodyProperty<T extends Changeable & { readonly body: BodyText }>(
  type: Class<T>,
  complaint: string,
): Caller {
  return new Caller(function* body(machine, args): Generator<Promise<void>, Values, unknown> {
    const self = selfOf(type, complaint, machine, args)
    if (args.length === 2) {
      self.body.text = textOf(machine, args, 2)
      self.hasChanged = true
      return NONE
    }
    if (!self.body.isRead) {
      yield self.body.read()
      self.hasChanged = true
    }
    const { text } = self.body
    machine.takeText(text.length)
    return [text]
  })
}
