import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { type HttpServer, startHttpServer } from '../support/http-server.ts'
import { serverOrSkip } from '../support/servers.ts'
import { startGateway } from '../support/start-gateway.ts'

const influx = serverOrSkip('influx')
const ADDRESS = 'http://127.0.0.1:9326'

type Answer = {
  results: {
    series?: { columns: string[]; values: (string | number | null)[][] }[]
    error?: string
  }[]
}

/** What InfluxDB holds, one object a row. */
async function rows(query: string): Promise<Record<string, unknown>[]> {
  const { results } = JSON.parse(await influx.call('query', query)) as Answer
  assert.equal(results[0]?.error, undefined)
  return (results[0]?.series ?? []).flatMap(({ columns, values }) =>
    values.map((row) => Object.fromEntries(row.map((value, at) => [columns[at] ?? '', value]))),
  )
}

describe('the real InfluxDB', { skip: influx.skip }, () => {
  let upstream: HttpServer
  before(async () => {
    await influx.start()
    upstream = await startHttpServer((request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200
      response.setHeader('Content-Type', 'application/json')
      response.end('{"ok":true}')
    })
  })
  after(async () => {
    await upstream.close()
    await influx.stop()
  })

  const gateway = (credentials: { username: string; password: string }) =>
    startGateway(
      {
        extra_config: {
          'telemetry/metrics': { endpoint_disabled: true, collection_time: '1s' },
          'telemetry/influx': { address: ADDRESS, ttl: '1s', ...credentials },
        },
        endpoints: [
          {
            endpoint: '/odd, name=x/{id}',
            backend: [{ host: [upstream.url], url_pattern: '/{id}' }],
          },
        ],
      },
      { workers: 2 },
    )

  it('takes every measurement, with totals over all threads and names that need escapes', async () => {
    await using running = await gateway({ username: 'writer', password: 'writerpw' })
    const requests = 12
    for (let id = 0; id < requests; id++)
      await fetch(`${running.url}/odd,%20name=x/${id === 0 ? 'bad' : id}`)
    const name = `"name" = '/odd, name=x/:id'`
    await eventually('all requests are reported', async () => {
      const found = await rows(`SELECT sum("count") FROM responses WHERE ${name} GROUP BY status`)
      return found.reduce((sum, row) => sum + Number(row['sum']), 0) === requests
    })
    const statuses = await rows(
      `SELECT last(total), status FROM responses WHERE ${name} GROUP BY status`,
    )
    assert.deepEqual(
      statuses.map(({ last, status }) => [status, last]),
      [
        ['200', requests - 1],
        ['500', 1],
      ],
    )
    const layers = await rows(
      `SELECT last(total), layer, complete, error FROM requests WHERE layer = 'pipe' AND complete = 'true'`,
    )
    assert.equal(layers[0]?.['last'], requests - 1)
    const measurements = await rows('SHOW MEASUREMENTS')
    assert.deepEqual(measurements.map((row) => row['name']).toSorted(), [
      'debug',
      'requests',
      'responses',
      'router',
      'router.response-size',
      'router.response-time',
      'runtime',
      'service.debug.GCStats.Pause',
      'service.runtime.MemStats.PauseNs',
    ])
    assert.doesNotMatch(running.output(), /InfluxDB\]/)
  })

  it('that refuses the credentials is reported without them', async () => {
    await using running = await gateway({ username: 'writer', password: 'not-the-password' })
    await eventually('the refusal is logged', () => running.output().includes('status 401'))
    assert.doesNotMatch(running.output(), /not-the-password/)
  })
})
