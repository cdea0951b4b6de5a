// Elasticsearch's own client: info, client.bulk, helpers.bulk with gzip over many requests; and client.bulk
// against a server with little room, which answers 429 until there is some. Fails when a document was
// not taken in the end.
import { Client } from '@elastic/elasticsearch'

const [port, token, narrowPort] = process.argv.slice(2)
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

const narrow = new Client({
  node: `http://127.0.0.1:${narrowPort}`, auth: { apiKey: { id: 'any', api_key: token } }, compression: true
})
let refusals = 0
async function insist (from) {
  const operations = []
  for (let id = from; id < from + 20; id++) {
    operations.push({ index: { _index: 'narrow', _id: `${id}` } }, { id, pad: 'x'.repeat(1000) })
  }
  for (;;) {
    try {
      const result = await narrow.bulk({ operations })
      if (result.errors || result.items.length !== 20) throw new Error(JSON.stringify(result))
      return
    } catch (error) {
      if (error.statusCode !== 429) throw error
      refusals++
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}
await Promise.all(Array.from({ length: 100 }, (_, i) => insist(i * 20)))
console.log(`client.bulk: 2000 documents, ${refusals} requests refused with 429 and sent again`)
