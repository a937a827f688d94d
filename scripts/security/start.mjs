// The command line of this checkout, from its sources: nothing has to be built. Started by program.mjs.
import { start } from '../../packages/gateway/src/cli/start.ts'

await start(process)
