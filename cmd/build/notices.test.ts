import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { thirdPartyNotices } from './notices.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

test('THIRD-PARTY-NOTICES.md is what make build writes for the installed packages', async () => {
  const kept = await readFile(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), 'utf8')
  const written = await thirdPartyNotices(ROOT)
  assert.equal(kept, written)
  assert.match(written, /^## undici .*\nMIT\n\n```text\nMIT License/m)
  assert.doesNotMatch(written, /^## typescript /m)
})
