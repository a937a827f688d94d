// Whom agents face, and what strangers may reach (HB-7, SYS-2).
export { isSurface, serves, SURFACES, TOOL_SCOPES, type Surface, type ToolScope } from './surface/surface.ts'
export {
  misScoped,
  serversForStrangers,
  unfit,
  type MisScoped,
  type SurfaceTool,
  type SurfaceTools,
} from './surface/public-tool.ts'
