import type { Exchange } from './exchange.ts'
import type { ProgramName } from './programs/table.ts'

/** One who takes part: a program and what it runs. */
export type Contestant = {
  /** `gateway`, `krakend`, or the program's name and what is different. */
  readonly name: string
  readonly program: ProgramName
  /** A KrakenD configuration without port and hosts; nginx and HAProxy have their own. */
  readonly document: Readonly<Record<string, unknown>>
  /** Every reply must leave a line of output: an access log that is not written costs nothing. */
  readonly logs?: boolean
}

/** CPU per request by contestant, in one round. */
export type Costs = Readonly<Record<string, number>>

/** What is to be reached. */
export type Target = {
  /** `CPU x nginx`. */
  readonly says: string
  readonly most: number
  /** From the costs of one round; NaN when somebody is missing. */
  readonly value: (costs: Costs) => number
}

/** One kind of work, the same for all who take part. */
export type Scenario = {
  readonly name: string
  /** What the gateway has to do. */
  readonly does: string
  readonly exchange: Exchange
  readonly contestants: readonly Contestant[]
  readonly targets: readonly Target[]
  /** Run with several threads too. */
  readonly alsoWide?: boolean
}

/** At most `most` times what `other` costs. */
export function times(other: string, most: number, who = 'gateway'): Target {
  const subject = who === 'gateway' ? '' : `${who}: `
  return {
    says: `${subject}CPU x ${other}`,
    most,
    value: (costs) => (costs[who] ?? Number.NaN) / (costs[other] ?? Number.NaN),
  }
}
