import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ConfigError } from '../../errors.ts'
import { renderTemplate } from './render-template.ts'

/**
 * What Go answers: text/template of Go 1.26 with Sprig 3.2.3 and the versions of its libraries that KrakenD
 * 2.13.8 is built with (mergo 0.3.16, xstrings 1.4.0, semver 3.2.1, cast 1.6.0), with FX_VAR=value.
 */
type Fixtures = {
  readonly settings: Readonly<Record<string, unknown>>
  readonly snippets: readonly {
    readonly template: string
    readonly output?: string
    readonly error?: string
  }[]
}

const fixtures: Fixtures = JSON.parse(
  readFileSync(new URL('fixtures.json', import.meta.url), 'utf8'),
)
const folder = mkdtempSync(join(tmpdir(), 'template-fixtures-'))
after(() => rmSync(folder, { recursive: true }))
for (const [name, settings] of Object.entries(fixtures.settings)) {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(settings))
}

function render(template: string): { output?: string; error?: string } {
  const file = join(folder, 'gateway.conf')
  const readText = (path: string): string => (path === file ? template : readFileSync(path, 'utf8'))
  try {
    const env = { FC_SETTINGS: folder, FX_VAR: 'value' }
    return { output: renderTemplate({ file, env, readText }).text }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [problem] = error.problems
    return { error: problem?.message.replace(/^[^:]*: /, '') ?? '' }
  }
}

describe('answers as Go does', () => {
  for (const { template, output, error } of fixtures.snippets) {
    test(template.replaceAll('\n', '\\n') || 'the empty template', () => {
      const expected = output === undefined ? { error } : { output }
      assert.deepEqual(render(template), expected)
    })
  }
})
