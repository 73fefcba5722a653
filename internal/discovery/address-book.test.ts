import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AddressBook } from './address-book.ts'
import type { Snapshot } from './discovery.ts'
import { snapshot } from './snapshot.ts'

const list = (hosts: Readonly<Record<string, readonly string[]>>) =>
  snapshot({
    name: 'orders',
    version: 1,
    scheme: 'http',
    found: Object.entries(hosts).map(([host, addresses]) => {
      return { host, port: 80, weight: 1, addresses, basePath: '', zone: '', metadata: {} }
    }),
  })

/** A book that tells a second time when the test says so, and what it told. */
function book() {
  const told: string[] = []
  const runs: (() => void)[] = []
  const addresses = new AddressBook((run) => void runs.push(run))
  const forget = addresses.whenUnused((origin) => told.push(origin))
  const held = new Map<string, Snapshot>()
  /** What `name` is from now on; without a list it is nothing. */
  const change = (name: string, next: Snapshot = list({})) => {
    const last = held.get(name)
    held.set(name, next)
    addresses.enter(next, next.instances)
    if (last !== undefined) addresses.leave(last, last.instances)
  }
  const passMinute = () => {
    for (const run of runs.splice(0)) run()
  }
  return { addresses, told, forget, change, passMinute }
}

describe('the address book', () => {
  it('knows the addresses of a host on several ports once', () => {
    const { addresses, change } = book()
    const found = [80, 81].map((port) => {
      const host = 'one'
      const own = port === 80 ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2']
      return { host, port, weight: 1, addresses: own, basePath: '', zone: '', metadata: {} }
    })
    change('a', snapshot({ name: 'a', version: 1, scheme: 'http', found }))
    assert.deepEqual(addresses.addressesOf('one', 'http://one:81'), ['10.0.0.1', '10.0.0.2'])
  })

  it('leaves hosts without known addresses to the operating system', () => {
    const { addresses, change } = book()
    change('a', list({ one: [] }))
    assert.equal(addresses.addressesOf('one', 'http://one:80'), undefined)
    assert.equal(addresses.isInUse('http://one:80'), true)
  })

  it('keeps what another list still names', () => {
    const { addresses, told, change } = book()
    change('a', list({ one: ['10.0.0.1'] }))
    change('b', list({ one: ['10.0.0.1'], two: [] }))
    change('a')
    assert.deepEqual(told, [])
    assert.deepEqual(addresses.addressesOf('one', 'http://one:80'), ['10.0.0.1'])
    change('b')
    assert.deepEqual(told, ['http://one:80', 'http://two:80'])
    assert.equal(addresses.isInUse('http://one:80'), false)
  })

  it('tells once more a minute later, unless the origin came back', () => {
    const { told, change, passMinute } = book()
    change('a', list({ one: [], two: [] }))
    change('a', list({}))
    change('a', list({ two: [] }))
    passMinute()
    assert.deepEqual(told, ['http://one:80', 'http://two:80', 'http://one:80'])
  })

  it('tells nobody who does not listen any more', () => {
    const { told, forget, change } = book()
    change('a', list({ one: [] }))
    forget()
    change('a')
    assert.deepEqual(told, [])
  })
})
