import assert from 'node:assert/strict'
import { createCipheriv, hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { fileOf } from '../../../../test/support/tokens.ts'
import { optionsOf } from '../../../config/options.ts'
import { ConfigError } from '../../../errors.ts'
import { keySource } from './key-source.ts'
import { openSecretBox } from './secret-box.ts'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')

/** NaCl's own test (tests/secretbox.c). */
const NACL = {
  key: bytes('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389'),
  nonce: bytes('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37'),
  message: bytes(`be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc
    e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31
    0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde
    048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864 5e0705`),
  box: bytes(`f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce
    48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c972
    71d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae
    90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b3
    7973f622a43d14a6599b1f654cb45a74e355a5`),
}

describe('a secret box', () => {
  it('opens as NaCl seals it', () => {
    assert.deepEqual(openSecretBox(NACL.box, NACL.nonce, NACL.key), NACL.message)
  })

  it('stays shut when a bit of box, nonce or key is another', () => {
    const flipped = (from: Buffer, at: number) => {
      const copy = Buffer.from(from)
      copy[at] = (copy[at] as number) ^ 1
      return copy
    }
    for (const at of [0, 15, 16, 146])
      assert.equal(openSecretBox(flipped(NACL.box, at), NACL.nonce, NACL.key), undefined)
    for (const at of [0, 16, 23])
      assert.equal(openSecretBox(NACL.box, flipped(NACL.nonce, at), NACL.key), undefined)
    assert.equal(openSecretBox(NACL.box, NACL.nonce, flipped(NACL.key, 31)), undefined)
    assert.equal(openSecretBox(Buffer.alloc(3), NACL.nonce, NACL.key), undefined)
  })
})

describe('an encrypted key file', () => {
  const secret_url = `base64key://${NACL.key.toString('base64')}`
  const cypher_key = Buffer.concat([NACL.nonce, NACL.box]).toString('base64')
  const sealed = (text: string): Buffer => {
    const nonce = Buffer.alloc(12, 7)
    const key = Buffer.from(hash('md5', NACL.message, 'hex'), 'latin1')
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
  }
  const open = (bytes: Buffer, more: Record<string, string>) => {
    using sealedFile = fileOf('keys.sealed', bytes)
    const options = { jwk_local_path: sealedFile.file, disable_jwk_security: true, ...more }
    const source = keySource(optionsOf(options, 'here'))
    return source.kind === 'file' ? source.text : source.kind
  }
  const refused = (work: () => unknown, pattern: RegExp) =>
    assert.throws(work, (error) => error instanceof ConfigError && pattern.test(error.message))

  it('opens with the key that the secret service opens', () => {
    assert.equal(open(sealed('{"keys":[]}'), { secret_url, cypher_key }), '{"keys":[]}')
  })

  it('is refused with the place of what does not fit', () => {
    const file = sealed('x')
    refused(() => open(file, { secret_url }), /^here\.cypher_key: is missing/)
    refused(() => open(file, { secret_url, cypher_key: 'AAAA' }), /^here\.cypher_key: cannot be/)
    refused(
      () => open(file, { secret_url: 'base64key://x', cypher_key }),
      /^here\.secret_url: no key/,
    )
    const places: [string, RegExp][] = [
      ['smallkms://x', /^here\.secret_url: no key in it .*awskms:\/\/.*gcpkms:\/\/.*azurekeyvault/],
      ['toString://x', /^here\.secret_url: no key in it/],
      ['gcpkms://projects/p/locations/l/keyRings/r', /no key of Google Cloud KMS in it/],
      ['gcpkms://projects/p/locations/../keyRings/r/cryptoKeys/k', /no key of Google Cloud KMS/],
      [
        'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k?additional_authenticated_data=*',
        /additional_authenticated_data is no base64url/,
      ],
      ['azurekeyvault://v.vault.azure.net/secrets/k', /no key of Azure Key Vault in it/],
      ['azurekeyvault://evil.example/v.vault.azure.net/keys/k', /no key of Azure Key Vault in it/],
      ['azurekeyvault://v.vault.azure.net/keys/k?version=1', /unknown parameter "version"/],
      ['awskms://k?zone=x', /unknown parameter "zone" .*region/],
      ['awskms://k?context_a=1&context_a=2', /a parameter context_... stands twice/],
      ['awskms://%zz', /a percent sign stands alone/],
    ]
    for (const [url, message] of places)
      refused(() => open(file, { secret_url: url, cypher_key }), message)
    for (const url of ['hashivault://', 'hashivault://a/../b', 'hashivault://a?engine=x/..'])
      refused(() => open(file, { secret_url: url, cypher_key }), /no key of a transit engine/)
    refused(
      () => open(file, { secret_url: 'hashivault://a?token=x', cypher_key }),
      /unknown parameter "token"/,
    )
    refused(
      () => open(Buffer.alloc(5), { secret_url, cypher_key }),
      /^here\.jwk_local_path: the file/,
    )
    refused(() => open(file.fill(0, 13, 14), { secret_url, cypher_key }), /^here\.jwk_local_path/)
  })
})
