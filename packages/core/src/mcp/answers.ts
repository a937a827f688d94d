import { CODES, type ErrorCode } from '../errors/codes.ts'
import type { Json, JsonObject } from '../json/types.ts'

/** JSON-RPC messages as text. Lexemes of ids, params and results are put in as they are. */
export const resultMessage = (idText: string, resultText: string): string =>
  `{"jsonrpc":"2.0","id":${idText},"result":${resultText}}`

export const requestMessage = (idText: string, method: string, paramsText: string): string =>
  `{"jsonrpc":"2.0","id":${idText},"method":${JSON.stringify(method)},"params":${paramsText}}`

export const notificationMessage = (method: string, paramsText: string): string =>
  `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${paramsText}}`

export function errorMessage(idText: string, code: number, message: string, data?: Json): string {
  const error = data === undefined ? { code, message } : { code, message, data }
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(error)}}`
}

/** JSON-RPC code of one of our errors; what the table gives none is an internal error to the peer. */
export const rpcCode = (code: ErrorCode): number => CODES[code].rpc ?? -32603

/** Our namespace in `_meta` and in error data; what comes in under it is stripped on both sides (T-069). */
export const OUR_META = 'dev.sallyport/'
export const DECISION_META = 'dev.sallyport/decision'

/** A refusal as a JSON-RPC error: title, reason, code, event id and next step; never detector internals. */
export function refusalMessage(
  idText: string,
  code: ErrorCode,
  reason: string,
  eventId: string,
  more: JsonObject = {},
): string {
  const { title, next } = CODES[code]
  const data = { ...more, code, next, ...(eventId === '' ? {} : { eventId }) }
  return errorMessage(idText, rpcCode(code), sentence(title, reason), data)
}

export const sentence = (title: string, reason: string): string =>
  reason === '' || reason === title ? title : `${title} ${reason}`
