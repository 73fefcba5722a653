import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { integer, readAll, sequence, TAG } from './der.ts'

/** Reads a private key in PEM: PKCS#8, or the older RSA and EC forms. Errors are worded as sprig's. */
export function parsePrivateKey(pem: string): KeyObject {
  const type = /-----BEGIN ([^-]+)-----/.exec(pem)?.[1]
  if (type === undefined) throw new Error('no PEM data in input')
  if (type !== 'PRIVATE KEY' && !type.endsWith(' PRIVATE KEY')) {
    throw new Error(`no private key data in PEM block of type ${type}`)
  }
  if (!/^(?:(?:RSA|EC|DSA) )?PRIVATE KEY$/.test(type)) {
    throw new Error(`invalid private key type ${type.slice(0, -' PRIVATE KEY'.length)}`)
  }
  try {
    return createPrivateKey(pem)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const what =
      type === 'PRIVATE KEY'
        ? 'decoding PEM as PKCS#8'
        : `parsing ${type.split(' ')[0]} private key from PEM`
    throw new Error(`${what}: ${reason}`, { cause: error })
  }
}

/** Writes a private key as sprig does: RSA, EC and DSA in their older forms, the rest as PKCS#8. */
export function writePrivateKey(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return String(key.export({ type: 'pkcs1', format: 'pem' }))
    case 'ec':
      return String(key.export({ type: 'sec1', format: 'pem' }))
    case 'dsa':
      return pemOf('DSA PRIVATE KEY', dsaKey(key))
    default:
      return String(key.export({ type: 'pkcs8', format: 'pem' }))
  }
}

/** A PEM block with lines of 64 characters. */
export function pemOf(type: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`
}

/** OpenSSL's DSA form: version, p, q, g, y, x. */
function dsaKey(key: KeyObject): Buffer {
  const [, algorithm, secret] = children(key.export({ type: 'pkcs8', format: 'der' }))
  const [, point] = children(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  const parameters = readAll(algorithm ?? Buffer.alloc(0))[1]?.content
  const x = readAll(secret ?? Buffer.alloc(0))[0]?.whole
  // A bit string begins with the number of unused bits.
  const y = readAll((point ?? Buffer.alloc(1)).subarray(1))[0]?.whole
  if (parameters === undefined || x === undefined || y === undefined) {
    throw new Error('failed to generate private key: unexpected DSA key')
  }
  return sequence(integer(Buffer.of(0)), parameters, y, x)
}

function children(der: Buffer): Buffer[] {
  const [outer] = readAll(der)
  if (outer?.tag !== TAG.sequence) throw new Error('malformed DER')
  return readAll(outer.content).map((element) => element.content)
}
