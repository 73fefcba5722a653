import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { print } from '../format.ts'
import { type FuncMap, func } from '../func.ts'
import { type List, Struct } from '../value.ts'
import { badBase64 } from './encodings.ts'
import { parsePrivateKey, writePrivateKey } from './private-key.ts'
import { type CertificateWish, issueCertificate } from './x509.ts'

/** sprig's certificates and private keys. */
export function certificates(nowMs: () => number): FuncMap {
  type Wish = { name: string; ips?: List; dnsNames?: List; days: number; key: KeyObject }

  function issue(
    { name, ips, dnsNames, days, key }: Wish,
    isAuthority: boolean,
    authority?: Struct,
  ): Struct {
    const wish: CertificateWish = {
      commonName: name,
      ips: texts(ips, (value) => `error parsing ip: ${value} is not a string`),
      dnsNames: texts(
        dnsNames,
        (value) => `error processing alternate dns name: ${value} is not a string`,
      ),
      notBefore: new Date(nowMs()),
      notAfter: new Date(nowMs() + days * 86_400_000),
      isAuthority,
      key,
    }
    return certificate(issueCertificate(wish, issuerOf(authority)), writePrivateKey(key))
  }

  return {
    genPrivateKey: func(['string'], generatePrivateKey),
    buildCustomCert: func(['string', 'string'], buildCustomCertificate),
    genCA: func(['string', 'int'], (name, days) => issue({ name, days, key: rsaKey() }, true)),
    genCAWithKey: func(['string', 'int', 'string'], (name, days, pem) =>
      issue({ name, days, key: givenKey(pem) }, true),
    ),
    genSelfSignedCert: func(['string', 'list', 'list', 'int'], (name, ips, dnsNames, days) =>
      issue({ name, ips, dnsNames, days, key: rsaKey() }, false),
    ),
    genSelfSignedCertWithKey: func(
      ['string', 'list', 'list', 'int', 'string'],
      (name, ips, dnsNames, days, pem) =>
        issue({ name, ips, dnsNames, days, key: givenKey(pem) }, false),
    ),
    genSignedCert: func(
      ['string', 'list', 'list', 'int', 'certificate'],
      (name, ips, dnsNames, days, authority) =>
        issue({ name, ips, dnsNames, days, key: rsaKey() }, false, authority),
    ),
    genSignedCertWithKey: func(
      ['string', 'list', 'list', 'int', 'certificate', 'string'],
      (name, ips, dnsNames, days, authority, pem) =>
        issue({ name, ips, dnsNames, days, key: givenKey(pem) }, false, authority),
    ),
  }
}

function certificate(cert: string, key: string): Struct {
  const fields = new Map([
    ['Cert', cert],
    ['Key', key],
  ])
  return new Struct({ type: 'sprig.certificate', fields })
}

function texts(list: List | undefined, refusal: (value: string) => string): string[] {
  return (list?.items ?? []).map((item) => {
    if (typeof item !== 'string') throw new Error(refusal(print(item)))
    return item
  })
}

function rsaKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function givenKey(pem: string): KeyObject {
  try {
    return parsePrivateKey(pem)
  } catch (error) {
    throw new Error(`parsing private key: ${reasonOf(error)}`, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function issuerOf(
  authority: Struct | undefined,
): { certificate: X509Certificate; key: KeyObject } | undefined {
  if (authority === undefined) return undefined
  const [cert, key] = [authority.fields.get('Cert'), authority.fields.get('Key')]
  if (typeof cert !== 'string' || typeof key !== 'string')
    throw new Error('unable to decode certificate')
  return { certificate: new X509Certificate(cert), key: createPrivateKey(key) }
}

function generatePrivateKey(type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return writePrivateKey(generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey)
    case 'dsa':
      return writePrivateKey(
        generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey,
      )
    case 'ecdsa':
      return writePrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    case 'ed25519':
      return writePrivateKey(generateKeyPairSync('ed25519').privateKey)
    default:
      return `Unknown type ${type}`
  }
}

function buildCustomCertificate(base64Cert: string, base64Key: string): Struct {
  if (badBase64(base64Cert) !== undefined) throw new Error('unable to decode base64 certificate')
  if (badBase64(base64Key) !== undefined) throw new Error('unable to decode base64 private key')
  const cert = Buffer.from(base64Cert, 'base64').toString()
  const key = Buffer.from(base64Key, 'base64').toString()
  if (!cert.includes('-----BEGIN ')) throw new Error('unable to decode certificate')
  try {
    new X509Certificate(cert)
  } catch (error) {
    throw new Error(`error parsing certificate: decodedCert.Bytes: ${reasonOf(error)}`, {
      cause: error,
    })
  }
  try {
    parsePrivateKey(key)
  } catch (error) {
    throw new Error(`error parsing private key: ${reasonOf(error)}`, { cause: error })
  }
  return certificate(cert, key)
}
