import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { scrapeListener } from './scrape-listener.ts'

const options = {
  host: '127.0.0.1',
  paths: {
    '/metrics': (_request: unknown, response: import('node:http').ServerResponse) =>
      void response.end('a 1\n'),
  },
  notFound: { headers: { 'Content-Type': 'text/plain' }, text: '404 page not found' },
  onProblem: () => {},
}

describe('a scrape listener', () => {
  it('answers its paths, and 404 elsewhere', async () => {
    const listener = await scrapeListener({ ...options, port: 0 })
    const url = `http://127.0.0.1:${listener.port}`
    assert.equal(await (await fetch(`${url}/metrics?x=1`)).text(), 'a 1\n')
    for (const path of ['/', '/metrics/', '/__proto__', '/constructor'])
      assert.equal((await fetch(url + path)).status, 404)
    await listener.close()
  })
  it('answers 500 when an answer fails, and says so', async () => {
    const problems: string[] = []
    const paths = { '/metrics': () => Promise.reject(new Error('no numbers')) }
    const onProblem = (problem: string) => problems.push(problem)
    const listener = await scrapeListener({ ...options, paths, onProblem, port: 0 })
    assert.equal((await fetch(`http://127.0.0.1:${listener.port}/metrics`)).status, 500)
    assert.match(problems.join(), /no numbers/)
    await listener.close()
  })
  it('says once that its port is taken, and takes it over when it is free', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const problems: string[] = []
    const onProblem = (problem: string) => problems.push(problem)
    const listener = await scrapeListener({ ...options, onProblem, port, retryMs: 5 })
    assert.equal(listener.port, 0)
    await wait(30)
    other.close()
    for (let tries = 0; listener.port === 0 && tries < 500; tries++) await wait(5)
    assert.equal(listener.port, port)
    assert.equal(problems.length, 1)
    await listener.close()
  })
})
