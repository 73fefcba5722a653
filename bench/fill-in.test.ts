import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillIn } from './fill-in.ts'

test('fills each name in, and refuses a name without a value', () => {
  assert.equal(fillIn('listen {{PORT}}; {{PORT}} {{ A }}', { PORT: 80 }), 'listen 80; 80 {{ A }}')
  assert.throws(() => fillIn('{{PORT}}', {}), /no value for \{\{PORT\}\}/)
})
