import { z } from 'zod'

const AAGUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const presenceSchema = z
  .strictObject({
    attestation: z
      .enum(['none', 'direct'])
      .default('none')
      .describe(
        '`direct`: only passkeys of a model under `aaguids` whose maker is under `roots` are enrolled; software authenticators are refused.',
      ),
    aaguids: z.array(z.string().regex(AAGUID, 'an AAGUID')).default([]).describe('Models of authenticators.'),
    roots: z.array(z.string().min(1)).default([]).describe('Files with the certificates (PEM) of their makers.'),
  })
  .refine(
    ({ attestation, aaguids, roots }) => attestation === 'none' || (aaguids.length > 0 && roots.length > 0),
    '`direct` needs `aaguids` and `roots`',
  )
  .prefault({})
  .describe('Passkeys of operators.')
