import { Client, types, type ClientConfig } from 'pg'

// BIGINT comes back as a number: all of ours stay far below 2^53 (sequence numbers, milliseconds).
const INT8 = 20
const parsers = {
  getTypeParser: ((id: number, format?: string) =>
    id === INT8
      ? (text: string) => Number(text)
      : types.getTypeParser(id, format as 'text')) as ClientConfig['types'] extends
    { getTypeParser: infer F } | undefined
    ? F
    : never,
}

export interface ConnectOptions {
  /** Server-side limit for one statement, ms. */
  readonly statementTimeoutMs?: number
  readonly name?: string
}

/** Settings of every connection of ours. */
export function clientConfig(url: string, options: ConnectOptions = {}): ClientConfig {
  return {
    connectionString: url,
    types: parsers,
    application_name: options.name ?? 'sallyport',
    connectionTimeoutMillis: 5000,
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    keepAlive: true,
  }
}

export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const client = new Client(clientConfig(url, options))
  await client.connect()
  return client
}
