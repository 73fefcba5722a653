import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  randomUUID,
  scryptSync,
} from 'node:crypto'
import { type FuncMap, func } from '../func.ts'
import { bcrypt } from './bcrypt.ts'
import { badBase64 } from './encodings.ts'

const MAX_RANDOM_BYTES = 64 * 1024 * 1024

/** sprig's hashes, ciphers and passwords. */
export const crypto: FuncMap = {
  sha1sum: func(['string'], (text) => createHash('sha1').update(text).digest('hex')),
  sha256sum: func(['string'], (text) => createHash('sha256').update(text).digest('hex')),
  adler32sum: func(['string'], (text) => String(adler32(Buffer.from(text)))),
  bcrypt: func(['string'], hashPassword),
  htpasswd: func(['string', 'string'], (user, password) =>
    user.includes(':') ? `invalid username: ${user}` : `${user}:${hashPassword(password)}`,
  ),
  derivePassword: func(['uint32', 'string', 'string', 'string', 'string'], derivePassword),
  encryptAES: func(['string', 'string'], encryptAes),
  decryptAES: func(['string', 'string'], decryptAes),
  uuidv4: func([], () => randomUUID()),
  randBytes: func(['int'], (count) => {
    if (count < 0 || count > MAX_RANDOM_BYTES)
      throw new Error('runtime error: makeslice: len out of range')
    return randomBytes(count).toString('base64')
  }),
}

function adler32(bytes: Buffer): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}

function hashPassword(password: string): string {
  const bytes = Buffer.from(password)
  if (bytes.length > 72) {
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
  }
  return bcrypt(bytes, randomBytes(16), 10)
}

/** AES-256-CBC whose key is the password itself, cut or filled with zeros to 32 bytes. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32)
  Buffer.from(password).copy(key)
  return key
}

function encryptAes(password: string, text: string): string {
  if (text === '') return ''
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64')
}

function decryptAes(password: string, text: string): string {
  if (text === '') return ''
  const bad = badBase64(text)
  if (bad !== undefined) throw new Error(`illegal base64 data at input byte ${bad}`)
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < 32 || bytes.length % 16 !== 0) {
    throw new Error('crypto/cipher: input not full blocks')
  }
  const cipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16))
  cipher.setAutoPadding(false)
  const plain = Buffer.concat([cipher.update(bytes.subarray(16)), cipher.final()])
  const padding = plain.at(-1) ?? 0
  if (padding > plain.length) throw new Error('runtime error: slice bounds out of range')
  return plain.subarray(0, plain.length - padding).toString()
}

const SEED = 'com.lyndir.masterpassword'

/** The Master Password algorithm's shapes of passwords, and the characters each letter stands for. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: [
    'CvcvnoCvcvCvcv',
    'CvcvCvcvnoCvcv',
    'CvcvCvcvCvcvno',
    'CvccnoCvcvCvcv',
    'CvccCvcvnoCvcv',
    'CvccCvcvCvcvno',
    'CvcvnoCvccCvcv',
    'CvcvCvccnoCvcv',
    'CvcvCvccCvcvno',
    'CvcvnoCvcvCvcc',
    'CvcvCvcvnoCvcc',
    'CvcvCvcvCvccno',
    'CvccnoCvccCvcv',
    'CvccCvccnoCvcv',
    'CvccCvccCvcvno',
    'CvcvnoCvccCvcc',
    'CvcvCvccnoCvcc',
    'CvcvCvccCvccno',
    'CvccnoCvcvCvcc',
    'CvccCvcvnoCvcc',
    'CvccCvcvCvccno',
  ],
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
}

const CHARACTERS: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
}

function derivePassword(
  counter: number,
  type: string,
  password: string,
  user: string,
  site: string,
): string {
  const shapes = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined
  if (shapes === undefined) return `cannot find password template ${type}`
  const salt = Buffer.concat([Buffer.from(SEED), withLength(user)])
  const key = scryptSync(password, salt, 64, { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 })
  const seed = createHmac('sha256', key)
    .update(SEED)
    .update(withLength(site))
    .update(uint32(counter))
    .digest()
  const shape = shapes[(seed[0] ?? 0) % shapes.length] ?? ''
  return [...shape]
    .map((letter, i) => {
      const characters = CHARACTERS[letter] ?? ''
      return characters[(seed[i + 1] ?? 0) % characters.length]
    })
    .join('')
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
