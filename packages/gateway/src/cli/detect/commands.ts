import type { CommandSpec } from '../command.ts'

/** Detectors by themselves: no gateway, no configuration, no network. */
export const detectCommands: readonly CommandSpec[] = []
