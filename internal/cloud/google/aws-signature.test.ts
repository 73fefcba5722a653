import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedHeaders } from './aws-signature.ts'

test('a request is signed as the example in the documentation of AWS', () => {
  const request = {
    method: 'GET',
    region: 'us-east-1',
    url: 'https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  } as const
  const keys = {
    ...{ id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', session: '' },
  }
  const headers = signedHeaders(request, keys, Date.parse('2015-08-30T12:36:00Z'))
  assert.equal(headers['x-amz-date'], '20150830T123600Z')
  assert.equal(
    headers['authorization'],
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})
