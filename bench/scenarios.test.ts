import assert from 'node:assert/strict'
import { test } from 'node:test'
import { postBody, texts } from './payloads.ts'
import { scenarios } from './scenarios.ts'

const all = scenarios(['token'])

test('no two scenarios, and no two contestants of one, have the same name', () => {
  const names = all.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { name, contestants } of all) {
    const who = contestants.map((one) => one.name)
    assert.equal(new Set(who).size, who.length, name)
  }
})

test('every target compares contestants that take part', () => {
  for (const { name, contestants, targets } of all) {
    assert.ok(targets.length > 0, name)
    const costs = Object.fromEntries(contestants.map((one) => [one.name, 10]))
    for (const { says, value } of targets)
      assert.ok(Number.isFinite(value(costs)), `${name}: ${says}`)
  }
})

test('a target is NaN, and so not passed, when one of those it compares is missing', () => {
  const json = all.find(({ name }) => name === 'json')
  for (const { value } of json?.targets ?? []) assert.ok(Number.isNaN(value({ gateway: 10 })))
})

test('the payloads have the sizes that the targets were set for', () => {
  assert.equal(texts.user.length, 310)
  assert.equal(Math.round(texts.users.length / 1000), 31)
  assert.equal(postBody.length, 1024)
})
