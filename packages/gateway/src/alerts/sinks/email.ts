import type { Duplex } from 'node:stream'
import { mailText } from '@sallyport/core'
import type { Sink } from '../sink.ts'
import type { SinkWays } from './ways.ts'

export interface EmailConfig {
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'implicit' | 'off'
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly from: string
  readonly to: readonly string[]
}

/** Longest that a server may be silent, ms; the queue's own limit is the shorter one. */
const SILENT = 30_000

/** One plain-text message for each notice. The connection is made by the guarded way out; nodemailer opens none of its own. */
export function emailSink(config: EmailConfig, { connect, trusted }: SinkWays): Sink {
  const { host, port, tls, user, password, from, to } = config
  return {
    send: async (notice, signal) => {
      const { createTransport } = await import('nodemailer')
      // made first: whoever may not be reached is not spoken to, and nodemailer opens no connection of its own
      const connection = await connect(host, port)
      const transport = createTransport({
        ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'off' },
        ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
        tls: { ca: await trusted(), minVersion: 'TLSv1.2', servername: host },
        ...{ disableFileAccess: true, disableUrlAccess: true },
        ...{ connectionTimeout: SILENT, greetingTimeout: SILENT, socketTimeout: SILENT },
        getSocket: (_options: unknown, done: (error: null, socket: { readonly connection: Duplex }) => void) =>
          done(null, { connection }),
      } as Parameters<typeof createTransport>[0])
      const over = (): void => {
        connection.destroy()
        transport.close()
      }
      signal.addEventListener('abort', over, { once: true })
      try {
        const { subject, text } = mailText(notice)
        const messageId = `<${notice.id.replace(/[^A-Za-z0-9.-]/g, '')}@sallyport>`
        await transport.sendMail({
          ...{ from, to: [...to], subject, text, messageId, date: new Date(notice.at), encoding: 'base64' },
          headers: { 'auto-submitted': 'auto-generated', 'x-sallyport-alert': notice.alert.id },
        })
      } finally {
        signal.removeEventListener('abort', over)
        over()
      }
    },
  }
}
