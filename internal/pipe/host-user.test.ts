import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPin, pinOf, withoutUser } from './host-user.ts'

describe('what stands before a host', () => {
  it('is a pin or a user, never both', () => {
    assert.equal(isPin(pinOf(['10.0.0.1', 'fd00::2']).slice(0, -1)), true)
    for (const user of ['10.0.0.1', 'shop:secret', '']) assert.equal(isPin(user), false)
  })

  it('is left out where a host is shown', () => {
    assert.equal(withoutUser('https://shop:s@cret@api:443/v1?a@b'), 'https://api:443/v1?a@b')
    assert.equal(withoutUser(`http://${pinOf(['10.0.0.1'])}orders:80`), 'http://orders:80')
    assert.equal(withoutUser('http://api/users/@me'), 'http://api/users/@me')
    assert.equal(withoutUser('me@api'), 'api')
  })
})
