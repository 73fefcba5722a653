import { type FuncMap, func } from '../func.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** sprig's base64 and base32; text that does not decode becomes Go's error text, as there. */
export const encodings: FuncMap = {
  b64enc: func(['string'], (text) => Buffer.from(text).toString('base64')),
  b64dec: func(['string'], (text) => {
    const bad = badBase64(text)
    return bad === undefined
      ? Buffer.from(text, 'base64').toString()
      : `illegal base64 data at input byte ${bad}`
  }),
  b32enc: func(['string'], encode32),
  b32dec: func(['string'], decode32),
}

/** Where Go's decoder gives up, counted as it counts; `undefined` for proper base64. */
export function badBase64(text: string): number | undefined {
  const plain = text.replace(/[\r\n]/g, '')
  const [data = ''] = /^[A-Za-z0-9+/]*/.exec(plain) ?? []
  const padding = plain.slice(data.length)
  if (data.length % 4 === 0 && padding === '') return undefined
  const needed = ['', undefined, '==', '='][data.length % 4]
  if (padding === needed) return undefined
  if (padding === '') return data.length - (data.length % 4)
  if (needed === undefined || needed === '') return data.length
  if (padding.startsWith(needed)) return data.length + needed.length
  return padding === '=' ? plain.length : data.length
}

function encode32(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  const chars = groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
  return chars.padEnd(Math.ceil(chars.length / 8) * 8, '=')
}

function decode32(text: string): string {
  const plain = text.replace(/[\r\n]/g, '')
  const [data = ''] = /^[A-Z2-7]*/.exec(plain) ?? []
  const padding = plain.slice(data.length)
  const isWhole =
    plain.length % 8 === 0 && /^=*$/.test(padding) && [0, 1, 3, 4, 6].includes(padding.length)
  if (!isWhole) return `illegal base32 data at input byte ${data.length - (data.length % 8)}`
  const bits = [...data].map((char) => BASE32.indexOf(char).toString(2).padStart(5, '0')).join('')
  const bytes = bits.match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2))).toString()
}
