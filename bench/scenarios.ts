import {
  cel,
  filter,
  json,
  jwt,
  limited,
  list,
  loggedService,
  lua,
  merge,
  noOp,
  type Part,
  post,
  routes,
  service,
} from './documents.ts'
import type { Exchange } from './exchange.ts'
import { postBody, values } from './payloads.ts'
import { type Contestant, type Costs, type Scenario, times } from './scenario.ts'

const ROUTES = 1000
const FEW_ROUTES = 10
const MANY_ROUTES = 10_000
const CLIENTS = 10_000
/** No difference below this is a finding: two equal processes differ as much. */
const FLAT = 1.2

const { user, profile, orders, users } = values

/**
 * What is measured, and what is to be reached: CPU of this gateway as a multiple of another's. Those whose
 * configuration the gateway refuses (a feature that is not there yet) are skipped, visibly.
 */
export function scenarios(tokens: readonly string[]): readonly Scenario[] {
  return [
    {
      name: 'json',
      does: 'decodes and encodes an object of 310 bytes',
      exchange: get('/json', user),
      // the same twice: what their ratio is away from 1, noise is in every other ratio
      contestants: [...both(service(json)), ...peers, ours('gateway again', service(json))],
      targets: [times('nginx', 2.5), times('krakend', 0.55)],
      alsoWide: true,
    },
    {
      name: 'no-op',
      does: 'passes the same object on',
      exchange: get('/no-op', user),
      contestants: [...both(service(noOp)), ...peers],
      targets: [times('nginx', 2.5), times('krakend', 0.5)],
    },
    {
      name: 'merge',
      does: 'joins three backends, grouped',
      exchange: get('/merge', { user, profile, orders }),
      contestants: both(service(merge)),
      targets: [times('krakend', 0.5)],
      alsoWide: true,
    },
    {
      name: 'list',
      does: 'passes an array of 100 objects (31 KB) on as a collection',
      exchange: get('/list', users),
      contestants: [...both(service(list)), ...peers],
      targets: [times('krakend', 0.2)],
    },
    {
      name: 'filter',
      does: 'allow, mapping and group',
      exchange: get('/filter', {
        user: {
          id: user.id,
          name: user.name,
          contact: user.email,
          address: { city: user.address.city },
        },
      }),
      contestants: both(service(filter)),
      targets: [times('krakend', 0.65)],
    },
    {
      name: 'routes',
      does: '1,000 endpoints with two parameters, all of them called in turn',
      exchange: { ...get('', user), sent: routePaths(ROUTES) },
      contestants: both(service(...routes(ROUTES))),
      targets: [times('krakend', 0.6)],
    },
    {
      name: 'post',
      does: 'sends a body of 1 KB on',
      exchange: {
        ...get('/post', user),
        method: 'POST',
        body: postBody,
        headers: { 'Content-Type': 'application/json' },
      },
      contestants: [...both(service(post)), ...peers],
      targets: [times('nginx', 3.4), times('krakend', 0.6)],
    },
    {
      name: 'json-logged',
      does: 'json with an access log',
      exchange: get('/json', user),
      contestants: [
        ...both(loggedService(json)).map((one) => ({ ...one, logs: true })),
        ...both(service(json), ' plain'),
      ],
      targets: [
        { says: 'us that the log adds, less what it adds to krakend', most: 0, value: logsCost },
      ],
    },
    {
      name: 'flat',
      does: 'the same 10 endpoints among 10,000 and alone',
      exchange: { ...get('', user), sent: routePaths(FEW_ROUTES) },
      contestants: [
        ours('gateway', service(...routes(MANY_ROUTES))),
        ours('gateway with 10', service(...routes(FEW_ROUTES))),
      ],
      targets: [times('gateway with 10', FLAT)],
    },
    {
      name: 'jwt',
      does: '10,000 RS256 tokens in turn, one claim sent on',
      exchange: { ...get('', user), sent: sentWith('/jwt', tokenHeaders(tokens)) },
      contestants: [
        ...both(service(jwt())),
        ours('gateway uncached', service(jwt({ verdict_cache: false }))),
      ],
      targets: [times('krakend', 0.4, 'gateway uncached'), times('krakend', 0.25)],
    },
    {
      name: 'limited',
      does: 'a limit for each of 10,000 clients',
      exchange: { ...get('', user), sent: sentWith('/limited', clientHeaders()) },
      contestants: both(service(limited)),
      targets: [times('krakend', 0.6)],
      alsoWide: true,
    },
    scripted('lua', 'a script reads two headers and sets one', lua),
    scripted('cel', 'an expression checks method and header', cel),
  ]
}

/** A feature beside the plain endpoint of the same gateway: it may cost as much again. */
function scripted(name: string, does: string, part: Part): Scenario {
  const path = `/${name}`
  const plain = { ...json, endpoint: path }
  return {
    name,
    does,
    exchange: { ...get(path, user), headers: { 'X-First': 'one', 'X-Second': 'two' } },
    contestants: [...both(service(part)), ours('gateway plain', service(plain))],
    targets: [times('gateway plain', 2)],
  }
}

const peers: readonly Contestant[] = [
  { name: 'nginx', program: 'nginx', document: {} },
  { name: 'haproxy', program: 'haproxy', document: {} },
]

function both(document: Part, suffix = ''): readonly Contestant[] {
  return [
    ours(`gateway${suffix}`, document),
    { name: `krakend${suffix}`, program: 'krakend', document },
  ]
}

function ours(name: string, document: Part): Contestant {
  return { name, program: 'gateway', document }
}

function get(path: string, answer: unknown): Exchange {
  return { method: 'GET', sent: [{ path }], answer }
}

function sentWith(
  path: string,
  headers: readonly Readonly<Record<string, string>>[],
): Exchange['sent'] {
  const [first = {}, ...rest] = headers
  return [{ path, headers: first }, ...rest.map((one) => ({ path, headers: one }))]
}

function routePaths(count: number): Exchange['sent'] {
  const path = (index: number) => ({ path: `/service-${index}/users/${index}/orders/7` })
  return [path(0), ...Array.from({ length: count - 1 }, (_, index) => path(index + 1))]
}

const tokenHeaders = (tokens: readonly string[]) =>
  tokens.map((token) => ({ Authorization: `Bearer ${token}` }))

const clientHeaders = () =>
  Array.from({ length: CLIENTS }, (_, client) => ({ 'X-Client': `client-${client}` }))

function logsCost(costs: Costs): number {
  const added = (who: string) => (costs[who] ?? Number.NaN) - (costs[`${who} plain`] ?? Number.NaN)
  return added('gateway') - added('krakend')
}
