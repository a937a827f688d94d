import type { Principal, RegisteredTool } from '@sallyport/core'
import type { Verdict } from './ports.ts'

/** Which tools a surface has at all (HB-7): a ceiling that policy cannot lift, asked before policy is. */
export interface SurfacePort {
  /** Whether a tool of this id would be for the caller, whether or not there is one. */
  offers(principal: Principal, tool: string): Verdict<null>
  /** Whether the caller sees it (`tools/list`). */
  shows(principal: Principal, tool: RegisteredTool): boolean
  /** Whether this call may go on; counts it where what strangers add is limited (E-91). */
  admit(principal: Principal, tool: RegisteredTool): Verdict<null>
}
