/** A KrakenD configuration, or a part of one. */
export type Part = Readonly<Record<string, unknown>>

const TIMEOUT = '10s'
const QUIET = { router: { disable_access_log: true } }

/** A service with these endpoints and without access log. Port and hosts come when it is started. */
export function service(...endpoints: readonly Part[]): Part {
  return { version: 3, name: 'bench', timeout: TIMEOUT, extra_config: QUIET, endpoints }
}

/** The same with KrakenD's access log, which is on unless disabled. */
export function loggedService(...endpoints: readonly Part[]): Part {
  return { version: 3, name: 'bench', timeout: TIMEOUT, endpoints }
}

/** An endpoint with one backend. */
export function endpoint(path: string, urlPattern: string, more: Part = {}): Part {
  return { endpoint: path, backend: [{ url_pattern: urlPattern }], ...more }
}

export const json = endpoint('/json', '/user')

export const noOp: Part = {
  endpoint: '/no-op',
  output_encoding: 'no-op',
  backend: [{ url_pattern: '/user', encoding: 'no-op' }],
}

export const merge: Part = {
  endpoint: '/merge',
  backend: [
    { url_pattern: '/user', group: 'user' },
    { url_pattern: '/profile', group: 'profile' },
    { url_pattern: '/orders', group: 'orders' },
  ],
}

export const list: Part = {
  endpoint: '/list',
  output_encoding: 'json-collection',
  backend: [{ url_pattern: '/users', is_collection: true }],
}

export const filter: Part = {
  endpoint: '/filter',
  backend: [
    {
      url_pattern: '/user',
      allow: ['id', 'name', 'email', 'address.city'],
      mapping: { email: 'contact' },
      group: 'user',
    },
  ],
}

export const post: Part = {
  endpoint: '/post',
  method: 'POST',
  input_headers: ['Content-Type'],
  backend: [{ url_pattern: '/post', method: 'POST' }],
}

/** `count` endpoints with two parameters each. */
export function routes(count: number): Part[] {
  return Array.from({ length: count }, (_, index) =>
    endpoint(`/service-${index}/users/{user}/orders/{order}`, '/items/{user}/{order}'),
  )
}

/** RS256 with keys from the upstream, and one claim that becomes a header of the request. */
export function jwt(validator: Part = {}): Part {
  return endpoint('/jwt', '/user', {
    input_headers: ['X-User'],
    extra_config: {
      'auth/validator': {
        alg: 'RS256',
        jwk_url: '{{UPSTREAM}}/jwk',
        disable_jwk_security: true,
        cache: true,
        audience: ['https://api.example.com'],
        issuer: 'https://id.example.com/',
        propagate_claims: [['sub', 'X-User']],
        ...validator,
      },
    },
  })
}

/** A limit for each client that none of them reaches. */
export const limited = endpoint('/limited', '/user', {
  extra_config: {
    'qos/ratelimit/router': {
      client_max_rate: 100_000,
      client_capacity: 100_000,
      every: '1s',
      strategy: 'header',
      key: 'X-Client',
    },
  },
})

/** A script that reads two headers and sets one. */
export const lua = endpoint('/lua', '/user', {
  input_headers: ['X-First', 'X-Second', 'X-Both'],
  extra_config: {
    'modifier/lua-endpoint': {
      pre: "local c = ctx.load(); c:headers('X-Both', c:headers('X-First') .. c:headers('X-Second'))",
    },
  },
})

/** One expression over the request. */
export const cel = endpoint('/cel', '/user', {
  input_headers: ['X-First'],
  extra_config: {
    'validation/cel': [
      { check_expr: "req_method == 'GET' && req_headers['X-First'][0].startsWith('o')" },
    ],
  },
})
