import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allPlaces } from '../config/schemas.ts'
import * as table from './table.ts'

/** Namespaces that are read elsewhere: by the router, the pipes, logging, the main thread. */
const BUILT_IN = [
  'auth/revoker',
  'router',
  'proxy',
  'backend/http',
  'backend/http/client',
  'backend/discovery',
  'backend/retry',
  'telemetry/logging',
  'telemetry/logstash',
  'telemetry/gelf',
  'telemetry/influx',
  'documentation/openapi',
]
const isRegistry = (namespace: string): boolean => namespace.startsWith('discovery/')

/** What has a schema passes as understood, so a schema without a feature would be a hole. */
test('a namespace has a schema exactly when something reads it', () => {
  const lists: readonly (readonly { readonly namespace: string }[])[] = Object.values(table)
  const rows = lists.flat().map(({ namespace }) => namespace)
  const described = Object.keys(allPlaces()).filter((namespace) => !isRegistry(namespace))
  assert.deepEqual(described.toSorted(), [...new Set([...rows, ...BUILT_IN])].toSorted())
})
