import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optionalPackage } from './optional-package.ts'

test('a package that is not installed stops the start with its name', () => {
  assert.throws(() => optionalPackage('@nobody/has-this', 'endpoints[0].x'), {
    name: 'ConfigError',
    message:
      'endpoints[0].x: the package @nobody/has-this is not installed (allowed: npm install @nobody/has-this)',
  })
  assert.equal(typeof optionalPackage('yaml', ''), 'object')
})
