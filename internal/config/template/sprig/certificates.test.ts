import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { List, Struct } from '../value.ts'
import { bcrypt } from './bcrypt.ts'
import { certificates } from './certificates.ts'

const NOW = Date.UTC(2026, 0, 1)
const table = certificates(() => NOW)

function call(name: string, ...args: unknown[]): Struct {
  const made = table[name]?.call(args)
  assert.ok(made instanceof Struct)
  return made
}

function parts(made: Struct): { certificate: X509Certificate; key: string } {
  return {
    certificate: new X509Certificate(String(made.fields.get('Cert'))),
    key: String(made.fields.get('Key')),
  }
}

for (const type of ['ecdsa', 'ed25519']) {
  test(`certificates with ${type} keys verify against their authority`, () => {
    const authorityKey = String(table['genPrivateKey']?.call([type]))
    const leafKey = String(table['genPrivateKey']?.call([type]))
    const made = call('genCAWithKey', 'my-ca', 30, authorityKey)
    const authority = parts(made)
    const names = [new List(['10.0.0.1', '2001:db8::1']), new List(['a.example', '*.b.example'])]
    const leaf = parts(call('genSignedCertWithKey', 'leaf', ...names, 10, made, leafKey))
    assert.equal(authority.certificate.ca, true)
    assert.equal(leaf.certificate.ca, false)
    assert.ok(leaf.certificate.checkIssued(authority.certificate))
    assert.ok(leaf.certificate.verify(authority.certificate.publicKey))
    assert.ok(leaf.certificate.checkPrivateKey(createPrivateKey(leaf.key)))
    assert.equal(leaf.certificate.subject, 'CN=leaf')
    assert.equal(leaf.certificate.issuer, 'CN=my-ca')
    assert.equal(leaf.certificate.checkIP('10.0.0.1'), '10.0.0.1')
    assert.equal(leaf.certificate.checkIP('2001:db8::1'), '2001:db8::1')
    assert.equal(leaf.certificate.checkHost('x.b.example'), '*.b.example')
    assert.equal(leaf.certificate.validFromDate.getTime(), NOW)
    assert.equal(leaf.certificate.validToDate.getTime(), NOW + 10 * 86_400_000)
  })
}

test('a self-signed certificate with a new RSA key verifies itself', () => {
  const made = parts(call('genSelfSignedCert', 'self', new List([]), new List(['self']), 20_000))
  assert.ok(made.certificate.verify(made.certificate.publicKey))
  assert.match(made.key, /^-----BEGIN RSA PRIVATE KEY-----\n/)
  // Beyond 2049 the other form of time is used.
  assert.equal(made.certificate.validToDate.getTime(), NOW + 20_000 * 86_400_000)
})

test('a key that is no key is refused', () => {
  assert.throws(() => call('genCAWithKey', 'x', 1, '-----BEGIN CERTIFICATE-----\n'), {
    message: 'parsing private key: no private key data in PEM block of type CERTIFICATE',
  })
})

test('bcrypt gives the published answers', () => {
  // Salt and hash of the test "U*U" of the original implementation (crypt_blowfish).
  assert.equal(
    bcrypt(Buffer.from('U*U'), Buffer.from('10410410410410410410410410410410', 'hex'), 5),
    '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  )
})
