import assert from 'node:assert/strict'
import { test } from 'node:test'
import { awsOptions } from './aws-options.ts'

test('a client of AWS is built as gocloud.dev builds it, with the region that Go would find', () => {
  const built = (query: string, env = {}) => awsOptions(new URLSearchParams(query), env)
  assert.deepEqual(built(''), {})
  const both = { AWS_REGION: 'a', AWS_DEFAULT_REGION: 'b' }
  assert.deepEqual(built('', { AWS_DEFAULT_REGION: 'b' }), { region: 'b' })
  assert.deepEqual(built('', both), { region: 'a' })
  assert.deepEqual(
    built('region=c&profile=p&endpoint=http://h&dualstack=1&fips=true&awssdk=v2', both),
    {
      ...{ region: 'c', profile: 'p', endpoint: 'http://h' },
      ...{ useDualstackEndpoint: true, useFipsEndpoint: true },
    },
  )
  assert.deepEqual(built('dualstack=false&fips='), {})
})
