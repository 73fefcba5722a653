import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { parseFlags } from './flags.ts'
import { testPlugin } from './test-plugin.ts'

const EXAMPLES = path.resolve(import.meta.dirname, '../../configs/plugins')
const example = (name: string): string => path.join(EXAMPLES, name)

async function run(...words: string[]) {
  const lines: string[] = []
  const { values, positionals } = parseFlags(words, testPlugin.flags)
  const status = await testPlugin.run({
    flags: values,
    positionals,
    env: {},
    commands: [],
    terminal: { out: assert.fail, err: (text) => lines.push(text), colours: false },
  })
  return { status, text: lines.join('') }
}

describe('gateway test-plugin', () => {
  it('says what each module is', async () => {
    const files = ['request-stamp.ts', 'second-try.ts', 'tenant.ts'].map(example)
    const { status, text } = await run(...files)
    assert.equal(status, 0)
    assert.deepEqual(text.trim().split('\n'), [
      `[OK] ${files[0]}: request-stamp (SERVER)`,
      `[OK] ${files[1]}: second-try (CLIENT)`,
      `[OK] ${files[2]}: tenant (MODIFIER)`,
    ])
  })
  it('fails where a module is none, or not of the kind that is asked for', async () => {
    const wrong = await run('-s', '-m', example('tenant.ts'))
    assert.deepEqual(
      [wrong.status, wrong.text],
      [1, `[KO] ${example('tenant.ts')}: it is no SERVER\n`],
    )
    const missing = await run('/does/not/exist.ts')
    assert.equal(missing.status, 1)
    assert.match(missing.text, /^\[KO\] \/does\/not\/exist\.ts: Cannot find module/)
    assert.equal((await run()).status, 1)
  })
})
