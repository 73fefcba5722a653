import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { NamedSpec } from './spec.ts'

/** How many recorded answers may be left on purpose, beyond those that are KrakenD's own bugs. */
export const DIFFERENCES_LIMIT = 8

/** A recorded answer that this gateway does not give, and what its user gains by that. */
export type Difference = {
  /** `area/file.json`. */
  readonly case: string
  readonly why: string
  readonly gain: string
}

export async function readDifferences(): Promise<Difference[]> {
  const file = path.join(import.meta.dirname, 'differences.json')
  return JSON.parse(await readFile(file, 'utf8')) as Difference[]
}

/** What is wrong with the lists themselves: each `better` needs a reason, and each difference its `better`. */
export function problemsOfDifferences(
  specs: readonly NamedSpec[],
  listed: readonly Difference[],
): string[] {
  const tooMany =
    listed.length > DIFFERENCES_LIMIT ? [`more than ${DIFFERENCES_LIMIT} differences`] : []
  const unexplained = specs
    .filter(({ spec }) => spec.better !== undefined && spec.krakendBug === undefined)
    .filter(({ file }) => !listed.some((difference) => difference.case === file))
    .map(({ file }) => `${file} has a better expectation, but is not in differences.json`)
  const idle = listed
    .filter(({ case: file }) => specs.find((one) => one.file === file)?.spec.better === undefined)
    .map(({ case: file }) => `differences.json names ${file}, which has no better expectation`)
  const silent = listed
    .filter(({ why, gain }) => !why || !gain)
    .map(({ case: file }) => `differences.json does not say why for ${file}`)
  return [...tooMany, ...unexplained, ...idle, ...silent]
}
