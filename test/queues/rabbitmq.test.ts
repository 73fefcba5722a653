import { after, before, describe } from 'node:test'
import { asyncAmqp } from './async-amqp.ts'
import { backendAmqp } from './backend-amqp.ts'
import { pubsubRabbit } from './pubsub-rabbit.ts'
import { rabbit, skipRabbit } from './rabbit.ts'

// One file: test files run side by side, and there is one broker.
describe('RabbitMQ', { skip: skipRabbit }, () => {
  before(() => rabbit.start())
  after(() => rabbit.stop())

  asyncAmqp()
  backendAmqp()
  pubsubRabbit()
})
