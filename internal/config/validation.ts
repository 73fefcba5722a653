import { existsSync } from 'node:fs'
import type { JsonObject } from '../pipe/pipe.ts'
import type { Places } from './schemas.ts'

/** One violation of the schema, as ajv reports it. */
export type Violation = {
  readonly keyword: string
  readonly instancePath: string
  readonly schemaPath: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The compiled schema. */
export type Validation = {
  readonly validate: ((document: JsonObject) => unknown) & {
    errors?: readonly Violation[] | null | undefined
  }
  readonly places: Places
}

const BUILT = new URL('./validator.js', import.meta.url)

/** Filled by the first load: reloading must not compile again. */
const loaded: { validation?: Promise<Validation> } = {}

/** The validator that the build wrote, or one compiled now when it runs from sources. */
export function loadValidation(): Promise<Validation> {
  loaded.validation ??= builtOrCompiled()
  return loaded.validation
}

async function builtOrCompiled(): Promise<Validation> {
  if (existsSync(BUILT)) return import(BUILT.href)
  const { compileValidation } = await import('./compile.ts')
  return compileValidation()
}
