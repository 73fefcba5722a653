import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { startHttpServer } from './http-server.ts'
import { serverOrSkip } from './servers.ts'
import { parseWrk, runWrk } from './wrk.ts'

const PRINTED = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   635.91us    0.89ms  12.92ms   93.69%
    Req/Sec    56.20k     8.07k   62.00k    86.54%
  Latency Distribution
     50%  250.00us
     75%  491.00us
     90%    1.20ms
     99%    1.05s
  2246 requests in 1.00s, 17.76MB read
  Socket errors: connect 1, read 2, write 0, timeout 4
  Non-2xx or 3xx responses: 123
Requests/sec:   2245.53
Transfer/sec:     17.33MB
`

test('reads counts, errors and latencies in any unit', () => {
  const { text: _text, ...result } = parseWrk(PRINTED)
  assert.deepEqual(result, {
    requests: 2246,
    requestsPerSecond: 2245.53,
    non2xx: 123,
    socketErrors: 7,
    p50Ms: 0.25,
    p99Ms: 1050,
  })
})

test('says so when wrk printed something else', () => {
  assert.throws(() => parseWrk('unable to connect'), /wrk printed something else/)
})

test('sends method, header and body as given', { skip: serverOrSkip('wrk').skip }, async () => {
  const seen = new Set<string>()
  await using server = await startHttpServer(async (request, response) => {
    seen.add(`${request.method} ${request.headers['x-a']} ${await buffer(request)}`)
    response.end()
  })
  const result = await runWrk({
    url: server.url,
    seconds: 1,
    connections: 2,
    method: 'POST',
    body: '{"a":"ö\n"}',
    headers: { 'X-A': 'b"\\c' },
  })
  assert.deepEqual([...seen], ['POST b"\\c {"a":"ö\n"}'])
  assert.ok(result.requests > 0)
})
