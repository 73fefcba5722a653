import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const file = path.resolve(import.meta.dirname, '../docs/transport.md')
const page = readFileSync(file, 'utf8')

/** KrakenD's keys of the service level that concern connections. */
const KEYS = [
  ...['port', 'listen_ip', 'read_timeout', 'read_header_timeout', 'write_timeout', 'idle_timeout'],
  ...['max_header_bytes', 'use_h2c', 'max_shutdown_wait_time', 'dialer_timeout'],
  ...['dialer_keep_alive', 'dialer_fallback_delay', 'disable_keep_alives', 'disable_compression'],
  ...['max_idle_connections', 'max_idle_connections_per_host', 'idle_connection_timeout'],
  ...['response_header_timeout', 'expect_continue_timeout', 'allow_insecure_connections'],
  ...['public_key', 'private_key', 'ca_certs', 'min_version', 'max_version', 'curve_preferences'],
  ...['cipher_suites', 'enable_mtls', 'disable_system_ca_pool', 'client_certs'],
]

test('docs/transport.md has a row for every transport key', () => {
  for (const key of KEYS) assert.match(page, new RegExp(`^\\|[^|]*\`${key}\``, 'm'), key)
})
