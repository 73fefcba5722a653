import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAuthority } from './authority.ts'

/** As Go 1.26 takes and refuses them in a request line. */
const TAKEN = [
  ...['', 'x', 'x:80', 'x:', 'x:99999', 'x:1:2', '::1', 'x]', 'x<y', 'x"y', 'é', '%c3%a9'],
  ...['[::1]', '[::1]:', '[::1]:80', '[fe80::1%25en0]', 'a@b', 'a:b@b', 'a@b@c', '%61@b'],
]
const REFUSED = [
  ...['[::1', '[]', '[::1]x', '[::1]:8a', '[127.0.0.1]', 'x[', 'x[::1]', '[fe80::1%en0]', '::1]x'],
  ...['x:99x', 'x:-1', '%zz', 'x%20y', 'x%41', 'x^y', 'x\\y', 'x|y', 'x{y}', 'x`y', 'x#y'],
  ...['a%zz@b', 'a b@c', 'a/b'],
]

for (const text of TAKEN)
  test(`takes ${JSON.stringify(text)}`, () => {
    assert.ok(isAuthority(Buffer.from(text).toString('latin1')))
  })
for (const text of REFUSED)
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.ok(!isAuthority(text))
  })
