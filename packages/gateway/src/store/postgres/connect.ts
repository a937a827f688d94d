import { Client, types, type ClientConfig } from 'pg'

/** OID of BIGINT. All of ours stay far below 2^53 (sequence numbers, milliseconds), so they come back as numbers. */
const INT8 = 20

const getTypeParser = (id: number, format?: 'text' | 'binary'): unknown =>
  id === INT8 ? Number : types.getTypeParser(id, format as 'text')

/** Settings of every connection of ours. A statement that takes longer than this is given up by the server, ms. */
export function clientConfig(url: string, statementTimeoutMs = 10_000): ClientConfig {
  return {
    connectionString: url,
    types: { getTypeParser: getTypeParser as typeof types.getTypeParser },
    application_name: 'sallyport',
    connectionTimeoutMillis: 5000,
    statement_timeout: statementTimeoutMs,
    // The server's limit does not help when the server does not answer at all.
    query_timeout: statementTimeoutMs + 5000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  }
}

export async function connect(url: string, statementTimeoutMs?: number): Promise<Client> {
  const client = new Client(clientConfig(url, statementTimeoutMs))
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
