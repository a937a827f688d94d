import { SallyportError, type Json } from '@sallyport/core'
import type { z } from 'zod'
import type { Verdict } from '../../boundary/ports.ts'
import type { ApiResponse } from './route.ts'

/** 200 with the value, or the refusal thrown for the server to turn into problem details. */
export function answer(verdict: Verdict<unknown>): ApiResponse {
  if (!verdict.ok) throw new SallyportError(verdict.code, verdict.reason)
  return { status: 200, body: verdict.value as Json }
}

/** @throws SallyportError SP_API_INVALID that names the first member that is wrong. */
export function invalid(error: z.ZodError): never {
  const [issue] = error.issues
  throw new SallyportError('SP_API_INVALID', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
