// Splunk's own client of the HTTP Event Collector: objects and strings, one by one and in batches; a
// wrong token is refused with Splunk's code.
import splunk from 'splunk-logging'

const [port, token] = process.argv.slice(2)

function logger (options) {
  return new splunk.Logger({
    token, host: '127.0.0.1', port: Number(port), protocol: 'http', maxRetries: 3, ...options
  })
}

function send (log, context) {
  return new Promise((resolve, reject) => log.send(context, (error, response, body) =>
    error ? reject(error) : resolve(body)))
}

const single = logger({})
for (let i = 0; i < 100; i++) {
  const body = await send(single, {
    message: i % 2 ? `event-${i}- as text\nwith a second line` : { text: `event-${i}- as object` },
    metadata: { source: '/var/log/app', sourcetype: 'app', host: 'web-1', time: 1700000000.25 }
  })
  if (body.code !== 0) throw new Error(JSON.stringify(body))
}

const batched = logger({ batchInterval: 0, maxBatchCount: 0 })
for (let i = 100; i < 300; i++) batched.send({ message: { text: `event-${i}- of a batch` } })
await new Promise((resolve, reject) => batched.flush((error, response, body) =>
  error || body.code !== 0 ? reject(error || new Error(JSON.stringify(body))) : resolve()))

const wrong = logger({ token: 'wrong', maxRetries: 0 })
wrong.error = () => {}
const answer = await new Promise(resolve => wrong.send({ message: 'never' }, (error, response, body) =>
  resolve(body ?? error)))
if (answer.code !== 4) throw new Error(JSON.stringify(answer))
console.log('splunk-logging: 300 events')
process.exit(0)
