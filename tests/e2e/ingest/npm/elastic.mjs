// Elasticsearch's own client: info, client.bulk, helpers.bulk with gzip over many requests, which the
// server refuses with 429 now and then. Fails when a document was not taken in the end.
import { Client } from '@elastic/elasticsearch'

const [port, token] = process.argv.slice(2)
const client = new Client({
  node: `http://127.0.0.1:${port}`,
  auth: { username: 'shipper', password: token },
  compression: true,
  maxRetries: 20
})

const info = await client.info()
if (info.version.number.split('.')[0] !== '8') throw new Error(`version ${info.version.number}`)

const single = await client.bulk({
  operations: [0, 1, 2].flatMap(id => [{ create: { _index: 'single' } }, { id }])
})
if (single.errors || single.items.length !== 3) throw new Error(JSON.stringify(single))

const refused = await client.bulk({
  operations: [{ update: { _index: 'single', _id: '1' } }, { doc: { id: 1 } }]
})
if (!refused.errors || refused.items[0].update.status !== 400) throw new Error(JSON.stringify(refused))

const documents = Array.from({ length: 5000 }, (_, i) => ({ id: i + 3, pad: 'x'.repeat(200) }))
const dropped = []
const result = await client.helpers.bulk({
  datasource: documents,
  flushBytes: 50000,
  concurrency: 20,
  retries: 20,
  wait: 50,
  onDocument: () => ({ create: { _index: 'many' } }),
  onDrop: document => dropped.push(document)
})
if (dropped.length > 0 || result.successful !== 5000) throw new Error(JSON.stringify({ dropped, result }))
console.log(`helpers.bulk: ${result.successful} documents, ${result.retry} sent again`)

const wrong = new Client({ node: `http://127.0.0.1:${port}`, auth: { bearer: 'wrong' }, maxRetries: 0 })
try {
  await wrong.bulk({ operations: [{ create: { _index: 'x' } }, { id: -1 }] })
  throw new Error('a wrong token was taken')
} catch (error) {
  if (error.statusCode !== 401) throw error
}
