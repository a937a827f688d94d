export { connect, type CallOptions, type ConnectOptions, type Sallyport } from './connect.ts'
export { ApprovalTimeoutError, DeniedError, type Refusal } from './errors.ts'
export {
  guard,
  WithheldError,
  type GuardCallOptions,
  type GuardContext,
  type Guarded,
  type GuardSpec,
} from './guard.ts'
export type { CredentialOptions } from './credential.ts'
export type { ToolSpec } from './tool.ts'
export type { Endpoint } from './transport.ts'
