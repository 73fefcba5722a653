import {
  createHash,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  type X509Certificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import { element, integer, oid, readAll, sequence, TAG } from './der.ts'
import { pemOf } from './private-key.ts'

/** What a certificate should say. */
export type CertificateWish = {
  readonly commonName: string
  readonly ips: readonly string[]
  readonly dnsNames: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isAuthority: boolean
  readonly key: KeyObject
}

const OID = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ed25519: '1.3.101.112',
} as const

/** Signs a certificate (RFC 5280), with its own key when there is no issuer, and returns it as PEM. */
export function issueCertificate(
  wish: CertificateWish,
  issuer?: { readonly certificate: X509Certificate; readonly key: KeyObject },
): string {
  const signingKey = issuer?.key ?? wish.key
  const algorithm = signatureAlgorithm(signingKey)
  const subject = nameOf(wish.commonName)
  const publicKey = createPublicKey(wish.key).export({ type: 'spki', format: 'der' })
  const issuerParts = issuer === undefined ? undefined : partsOf(issuer.certificate)
  const tbs = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    algorithm,
    issuerParts?.subject ?? subject,
    sequence(timeOf(wish.notBefore), timeOf(wish.notAfter)),
    subject,
    publicKey,
    element(0xa3, extensions(wish, publicKey, issuerParts?.keyId)),
  )
  const digest = signingKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const signature = sign(digest, tbs, signingKey)
  return pemOf(
    'CERTIFICATE',
    sequence(tbs, algorithm, element(TAG.bitString, Buffer.of(0), signature)),
  )
}

function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(oid(OID.sha256WithRsa), element(TAG.null))
    case 'ec':
      return sequence(oid(OID.ecdsaWithSha256))
    case 'ed25519':
      return sequence(oid(OID.ed25519))
    default:
      throw new Error(
        'error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported',
      )
  }
}

function nameOf(commonName: string): Buffer {
  if (commonName === '') return sequence()
  const attribute = sequence(oid(OID.commonName), element(TAG.utf8String, Buffer.from(commonName)))
  return sequence(element(TAG.set, attribute))
}

/** Two-digit years until 2049, four after that. */
function timeOf(date: Date): Buffer {
  const text = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = date.getUTCFullYear() < 2050
  return element(
    isShort ? TAG.utcTime : TAG.generalizedTime,
    Buffer.from(isShort ? text.slice(2) : text),
  )
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [element(TAG.boolean, Buffer.of(0xff))] : []
  return sequence(oid(id), ...critical, element(TAG.octetString, value))
}

/** The bits digitalSignature, keyEncipherment and, for an authority, keyCertSign. */
const KEY_USAGE = { leaf: Buffer.of(5, 0b1010_0000), authority: Buffer.of(2, 0b1010_0100) }

function extensions(
  wish: CertificateWish,
  publicKey: Buffer,
  issuerKeyId: Buffer | undefined,
): Buffer {
  const usage = KEY_USAGE[wish.isAuthority ? 'authority' : 'leaf']
  const isCa = wish.isAuthority ? [element(TAG.boolean, Buffer.of(0xff))] : []
  const list = [
    extension(OID.keyUsage, true, element(TAG.bitString, usage)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.basicConstraints, true, sequence(...isCa)),
  ]
  if (wish.isAuthority) {
    list.push(extension(OID.subjectKeyId, false, element(TAG.octetString, keyIdOf(publicKey))))
  }
  if (issuerKeyId !== undefined) {
    list.push(extension(OID.authorityKeyId, false, sequence(element(0x80, issuerKeyId))))
  }
  const names = alternativeNames(wish)
  if (names.length > 0) list.push(extension(OID.alternativeNames, false, sequence(...names)))
  return sequence(...list)
}

function alternativeNames({ dnsNames, ips }: CertificateWish): Buffer[] {
  return [
    ...dnsNames.map((name) => element(0x82, Buffer.from(name))),
    ...ips.map((ip) => element(0x87, ipBytes(ip))),
  ]
}

function ipBytes(ip: string): Buffer {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number))
  if (isIP(ip) !== 6 || ip.includes('%')) throw new Error(`error parsing ip: ${ip}`)
  const hex = new URL(`http://[${ip}]`).hostname.slice(1, -1)
  const [head = '', tail] = hex.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  const all = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0'))
  return Buffer.from(all.join(''), 'hex')
}

/** RFC 5280's first method: the SHA-1 of the bits of the public key. */
function keyIdOf(publicKey: Buffer): Buffer {
  const [outer] = readAll(publicKey)
  const bits = readAll(outer?.content ?? Buffer.alloc(0))[1]?.content ?? Buffer.alloc(1)
  return createHash('sha1').update(bits.subarray(1)).digest()
}

/** An authority's own name and key id, as its certificates must repeat them. */
function partsOf(certificate: X509Certificate): { subject: Buffer; keyId: Buffer } {
  const [outer] = readAll(certificate.raw)
  const [tbs] = readAll(outer?.content ?? Buffer.alloc(0))
  const fields = readAll(tbs?.content ?? Buffer.alloc(0))
  // The version (tag 0xa0) is absent in version 1.
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4]?.whole
  if (subject === undefined) throw new Error('error parsing certificate: decodedSignerCert.Bytes')
  return { subject, keyId: keyIdOf(certificate.publicKey.export({ type: 'spki', format: 'der' })) }
}
