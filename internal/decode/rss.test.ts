import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '../errors.ts'
import type { JsonObject, JsonValue } from '../pipe/pipe.ts'
import { decoderFor } from './decode.ts'

const decode = (body: string): JsonObject => {
  const decoder = decoderFor({ encoding: 'rss', isCollection: false }, { exactSpelling: false })
  return decoder(Buffer.from(body), undefined).data ?? {}
}
const item = (body: string): JsonValue => {
  const items = decode(body)['items']
  return Array.isArray(items) ? (items[0] ?? null) : null
}
const inChannel = (content: string): string =>
  `<rss version="2.0"><channel>${content}</channel></rss>`
const inItem = (content: string): string => inChannel(`<item>${content}</item>`)

test('an RSS feed has the keys of KrakenD, without a link', () => {
  const feed = decode(
    inChannel(`<title>News</title><link>https://x.example/</link><description>D &amp; E</description>
      <language>en</language><managingEditor>jane@x.example (Jane)</managingEditor>
      <category>a</category><image><url>https://x.example/i.png</url></image>
      <pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate><lastBuildDate>today</lastBuildDate>`),
  )
  assert.deepEqual(feed, {
    author: { name: 'Jane', email: 'jane@x.example' },
    categories: ['a'],
    copyright: '',
    custom: null,
    description: 'D & E',
    items: [],
    language: 'en',
    published: 'Tue, 02 Jan 2024 10:00:00 GMT',
    title: 'News',
    type: 'rss',
    updated: 'today',
    img_url: 'https://x.example/i.png',
  })
})

test('items have the names of gofeed, without empty fields', () => {
  assert.deepEqual(
    item(
      inItem(`<title><![CDATA[A & B]]></title><description>&lt;p&gt;x&nbsp;y&lt;/p&gt;</description>
        <link>l</link><pubDate>Tue, 02 Jan 2024 10:00:00 +0200</pubDate><guid>g</guid>
        <enclosure url="u" length="3" type="audio/mpeg"/><Mood>good</Mood>`),
    ),
    {
      title: 'A & B',
      description: '<p>x\u00a0y</p>',
      link: 'l',
      links: ['l'],
      published: 'Tue, 02 Jan 2024 10:00:00 +0200',
      publishedParsed: '2024-01-02T08:00:00Z',
      guid: 'g',
      enclosures: [{ url: 'u', length: '3', type: 'audio/mpeg' }],
      custom: { Mood: 'good' },
    },
  )
})

test('other namespaces are extensions under their usual prefix', () => {
  const feed = `<rss xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item><d:creator>Jane</d:creator>
    <content:encoded>long</content:encoded><itunes:duration>9</itunes:duration></item></channel></rss>`
  assert.deepEqual(item(feed), {
    content: 'long',
    author: { name: 'Jane' },
    authors: [{ name: 'Jane' }],
    dcExt: { creator: ['Jane'] },
    itunesExt: { duration: '9' },
    extensions: {
      dc: { creator: [{ name: 'creator', value: 'Jane', attrs: {}, children: {} }] },
      itunes: { duration: [{ name: 'duration', value: '9', attrs: {}, children: {} }] },
    },
  })
})

test('an Atom feed comes in the same form', () => {
  const feed =
    decode(`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">&lt;b&gt;T&lt;/b&gt;</title>
    <subtitle>S</subtitle><updated>2024-01-02T10:00:00Z</updated><author><name>Jane</name></author>
    <entry><title type="xhtml"><div>a <i>b</i></div></title><id>i</id><link href="h"/>
    <link rel="enclosure" href="e" length="1" type="t"/><updated>2024-01-02T10:00:00.5+01:00</updated></entry></feed>`)
  assert.deepEqual(
    [
      feed['type'],
      feed['title'],
      feed['description'],
      feed['language'],
      feed['author'],
      feed['updated'],
    ],
    ['atom', '<b>T</b>', 'S', 'de', { name: 'Jane' }, '2024-01-02T10:00:00Z'],
  )
  assert.deepEqual(feed['items'], [
    {
      title: 'a <i>b</i>',
      link: 'h',
      links: ['h'],
      updated: '2024-01-02T10:00:00.5+01:00',
      updatedParsed: '2024-01-02T09:00:00.5Z',
      published: '2024-01-02T10:00:00.5+01:00',
      publishedParsed: '2024-01-02T09:00:00.5Z',
      guid: 'i',
      enclosures: [{ url: 'e', length: '1', type: 't' }],
    },
  ])
})

test('any JSON object counts as a JSON feed', () => {
  const feed = decode(
    '{"title":"T","items":[{"id":"1","url":"u","tags":["x"],"date_published":"2024-01-02T10:00:00+02:00"},7]}',
  )
  assert.deepEqual(
    [feed['type'], feed['title'], feed['published']],
    ['json', 'T', '2024-01-02T10:00:00+02:00'],
  )
  assert.deepEqual(feed['items'], [
    {
      link: 'u',
      links: ['u'],
      published: '2024-01-02T10:00:00+02:00',
      publishedParsed: '2024-01-02T10:00:00+02:00',
      guid: '1',
      categories: ['x'],
    },
  ])
  assert.deepEqual(decode('{"a":1}')['items'], [])
})

test('dates are read in the spellings feeds use, and impossible ones are not', () => {
  const parsed = (text: string): JsonValue | undefined => {
    const found = item(inItem(`<pubDate>${text}</pubDate>`))
    return typeof found === 'object' && found !== null && !Array.isArray(found)
      ? found['publishedParsed']
      : undefined
  }
  assert.equal(parsed('2 Jan 06 15:04 GMT'), '2006-01-02T15:04:00Z')
  assert.equal(parsed('Mon, 2 January 2006 3:04:05 PM -0700'), '2006-01-02T22:04:05Z')
  assert.equal(parsed('January 2, 2006'), '2006-01-02T00:00:00Z')
  assert.equal(parsed('2006-01-02'), '2006-01-02T00:00:00Z')
  assert.equal(parsed('Mon Jan  2 15:04:05 2006'), '2006-01-02T15:04:05Z')
  for (const text of ['yesterday', '31 Feb 2024', '2024-01-02T25:00:00Z', '9'.repeat(100_000)])
    assert.equal(parsed(text), undefined)
})

test('what is no feed is an error', () => {
  for (const body of [
    '',
    'x',
    '<html></html>',
    '[1]',
    '{"a":',
    '{"a":1} x',
    '<rss>',
    `<rss>${'<a>'.repeat(2000)}`,
  ])
    assert.throws(
      () => decode(body),
      (error) => error instanceof GatewayError && error.code === 'decode',
      body,
    )
})

test('a feed with one namespace an element is read, with hundreds at once refused', () => {
  const nested = (count: number) =>
    Array.from({ length: count }, (_, index) => `<a xmlns:n${index}="u${index}">`).join('')
  assert.throws(() => decode(`<rss>${nested(400)}`), /too many namespaces/)
  const siblings = Array.from({ length: 2000 }, (_, index) => `<x:a xmlns:x="u${index}"/>`).join('')
  assert.deepEqual(decode(inChannel(siblings))['items'], [])
})
