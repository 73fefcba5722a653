import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refuseEncodedParams } from './param-guard.ts'

describe('the guard against encoded parameters', () => {
  const refused: [string, string][] = [
    ['a%2Fb', 'error: encoded url params'],
    ['a?admin=1', 'error: encoded url params'],
    ['a#b', 'error: encoded url params'],
    ['%2e%2e', 'error: encoded url params'],
    ['100%', 'error: invalid URL escape "%"'],
    ['a%zzb', 'error: invalid URL escape "%zz"'],
    ['a%4', 'error: invalid URL escape "%4"'],
  ]
  for (const [value, body] of refused)
    it(`answers ${value} with 400 ${body}`, () => {
      assert.deepEqual(refuseEncodedParams({ ok: '1', id: value }), {
        status: 400,
        headers: ['Content-Type', 'text/plain; charset=utf-8'],
        body,
      })
    })
  for (const value of ['', 'jane doe', 'ü', 'a+b', 'a&b=c', '{x}', 'a/b'])
    it(`lets "${value}" pass`, () => assert.equal(refuseEncodedParams({ id: value }), undefined))
})
