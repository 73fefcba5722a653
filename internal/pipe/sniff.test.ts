import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sniffContentType } from './sniff.ts'

describe('the type of a body that names none', () => {
  const cases: readonly [string, string | Buffer, string][] = [
    ['a page', '  <!doctype html><p>', 'text/html; charset=utf-8'],
    ['a paragraph', '<p>x</p>', 'text/html; charset=utf-8'],
    ['a tag that only begins like one', '<pre>x', 'text/plain; charset=utf-8'],
    ['XML', '\n<?xml version="1.0"?>', 'text/xml; charset=utf-8'],
    ['JSON, which Go does not know', '{"a":1}', 'text/plain; charset=utf-8'],
    ['text', 'hello', 'text/plain; charset=utf-8'],
    ['bytes', Buffer.from([0, 1, 2, 3, 200]), 'application/octet-stream'],
    ['PNG', Buffer.from('89504e470d0a1a0a00', 'hex'), 'image/png'],
    ['WebP', 'RIFFxxxxWEBPVP8 ', 'image/webp'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'application/x-gzip'],
    ['PDF', '%PDF-1.7', 'application/pdf'],
    [
      'MP4',
      Buffer.from('0000001866747970' + '6d703432' + '00000000' + '6d703432' + '69736f6d', 'hex'),
      'video/mp4',
    ],
  ]
  for (const [name, body, type] of cases)
    it(`is ${type} for ${name}`, () => assert.equal(sniffContentType(Buffer.from(body)), type))
})
