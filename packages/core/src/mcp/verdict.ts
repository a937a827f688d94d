import type { JsonObject } from '../json/types.ts'

/** A check of the wire layer: passed, or the JSON-RPC error the message is answered with. */
export type Verdict<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly data?: JsonObject }
