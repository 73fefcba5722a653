import { Buffer } from 'node:buffer'

const LIST_LENGTH = 100
const POST_BYTES = 1024

/** One user of the upstream; its JSON has 310 bytes. */
const user = {
  id: 7142,
  name: 'Seven of Nine',
  email: 'seven@example.com',
  age: 31,
  balance: 1042.55,
  isActive: true,
  tags: ['admin', 'beta', 'eu-west', 'nightly'],
  address: {
    street: '12 Long Harbour Road',
    city: 'Rotterdam',
    country: 'NL',
    geo: { lat: 51.9244, lon: 4.4777 },
  },
  created: '2026-01-02T03:04:05Z',
  note: 'early',
}
const profile = {
  nick: 'seven',
  followers: 1042,
  bio: 'Builds bridges, mends bicycles, reads maps.',
  links: ['https://example.com/seven', 'https://example.org/maps'],
}
const orders = {
  total: 3,
  items: [
    { id: 'a-1', price: 12.5, count: 2 },
    { id: 'a-2', price: 99, count: 1 },
    { id: 'a-3', price: 3.75, count: 12 },
  ],
}

/** What the upstream answers, as values. */
export const values = {
  user,
  profile,
  orders,
  /** 31 KB. */
  users: Array.from({ length: LIST_LENGTH }, (_, index) => ({ ...user, id: user.id + index })),
}

/** What the upstream answers, as it is sent. */
export const texts = {
  user: JSON.stringify(values.user),
  profile: JSON.stringify(values.profile),
  orders: JSON.stringify(values.orders),
  users: JSON.stringify(values.users),
}

/** The body of `post`, 1 KB of JSON. */
export const postBody = padded({ ...user, note: '' }, POST_BYTES)

function padded(value: { readonly note: string }, bytes: number): string {
  const missing = bytes - Buffer.byteLength(JSON.stringify(value))
  return JSON.stringify({ ...value, note: 'x'.repeat(missing) })
}
