import { createRequire } from 'node:module'

/** For `test(name, { skip })`: why tests that need the optional package `name` are skipped, or `false`. */
export function packageMissing(name: string): string | false {
  try {
    createRequire(import.meta.url).resolve(name)
    return false
  } catch {
    return `the optional package ${name} is not installed`
  }
}
