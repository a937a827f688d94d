import { digest } from '../json/digest.ts'
import type { JsonObject } from '../json/types.ts'
import type { ToolDefinition } from './tool.ts'

/** How a server is reached, without secret values: part of what a pin covers (T-083, T-086). */
export type LaunchSpec =
  | { readonly transport: 'stdio'; readonly command: readonly string[]; readonly env: readonly string[] }
  | { readonly transport: 'http' | 'sse'; readonly url: string }
  | { readonly transport: 'commands'; readonly commands: string }
  | { readonly transport: 'requests'; readonly requests: string }
  | { readonly transport: 'host' | 'sdk'; readonly name: string }

export const launchDigest = (launch: LaunchSpec): string =>
  digest('sallyport/launch/1', launch as unknown as JsonObject)

/** Digest of a tool definition as the server gave it (every member, known or not) together with how it is launched. */
export const pinDigest = (definition: ToolDefinition, launch: LaunchSpec): string =>
  digest('sallyport/pin/1', { definition: definition as unknown as JsonObject, launch: launchDigest(launch) })
